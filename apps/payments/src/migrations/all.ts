import { CreatePayments1795200000000 } from './1795200000000-create-payments.ts';
import { WidenPayments1796000000000 } from './1796000000000-widen-payments.ts';
import { ListAndExpirePayments1796100000000 } from './1796100000000-list-and-expire-payments.ts';
import { CreateReceipts1796110000000 } from './1796110000000-create-receipts.ts';
import { CreateRefunds1796200000000 } from './1796200000000-create-refunds.ts';
import { CreateDisbursements1796210000000 } from './1796210000000-create-disbursements.ts';
import { CreatePaymentFlags1796300000000 } from './1796300000000-create-payment-flags.ts';
import { PostAChargeOnce1796300001000 } from './1796300001000-post-a-charge-once.ts';
import { CreateProviderNotifications1796300002000 } from './1796300002000-create-provider-notifications.ts';
import { CreateDisputes1796300003000 } from './1796300003000-create-disputes.ts';
import { FollowPaymentMethods1796300004000 } from './1796300004000-follow-payment-methods.ts';
import { CreatePaymentLinks1796400000000 } from './1796400000000-create-payment-links.ts';
import { CreateMedia1796500000000 } from './1796500000000-create-media.ts';
import { NameOperations1796700000000 } from './1796700000000-name-operations.ts';
import { KeepWhatDisputesTook1796700001000 } from './1796700001000-keep-what-disputes-took.ts';
import { PurgeNotifications1796900000000 } from './1796900000000-purge-notifications.ts';
import { AskForPeriodsByLink1796910000000 } from './1796910000000-ask-for-periods-by-link.ts';

export const migrations = [
  CreatePayments1795200000000,
  WidenPayments1796000000000,
  ListAndExpirePayments1796100000000,
  CreateReceipts1796110000000,
  CreateRefunds1796200000000,
  CreateDisbursements1796210000000,
  CreatePaymentFlags1796300000000,
  PostAChargeOnce1796300001000,
  CreateProviderNotifications1796300002000,
  CreateDisputes1796300003000,
  FollowPaymentMethods1796300004000,
  CreatePaymentLinks1796400000000,
  CreateMedia1796500000000,
  NameOperations1796700000000,
  KeepWhatDisputesTook1796700001000,
  PurgeNotifications1796900000000,
  AskForPeriodsByLink1796910000000,
];
