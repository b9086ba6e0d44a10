import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { CreateKitTables1790000000000 } from './1790000000000-create-kit-tables.ts';
import { CreatePolicies1790000001000 } from './1790000001000-create-policies.ts';
import { GuardScheduleSums1790000002000 } from './1790000002000-guard-schedule-sums.ts';
import { CreateInvoices1790000003000 } from './1790000003000-create-invoices.ts';
import { CreateAllocations1790000004000 } from './1790000004000-create-allocations.ts';
import { CreateTestClocks1790000005000 } from './1790000005000-create-test-clocks.ts';
import { TakeMoneyOut1796800000000 } from './1796800000000-take-money-out.ts';
import { CreateDisputes1796800001000 } from './1796800001000-create-disputes.ts';
import { CreateDisbursementRequests1796800002000 } from './1796800002000-create-disbursement-requests.ts';
import { CreateSubscriptions1796800003000 } from './1796800003000-create-subscriptions.ts';
import { BillWhateverIsOwed1796900000000 } from './1796900000000-bill-whatever-is-owed.ts';
import { VoidCreditMemos1796900100000 } from './1796900100000-void-credit-memos.ts';
import { CreatePlans1796901000000 } from './1796901000000-create-plans.ts';
import { ChooseADueDay1796901001000 } from './1796901001000-choose-a-due-day.ts';
import { CreateCommissions1796902000000 } from './1796902000000-create-commissions.ts';
import { CreateDelinquencyRules1796903000000 } from './1796903000000-create-delinquency-rules.ts';
import { CreateDelinquencies1796903001000 } from './1796903001000-create-delinquencies.ts';
import { CreatePartners1796904000000 } from './1796904000000-create-partners.ts';
import { CreateBillingSettings1796906000000 } from './1796906000000-create-billing-settings.ts';
import { WriteDebtsOff1796906001000 } from './1796906001000-write-debts-off.ts';
import { CreateReturnRules1796912000000 } from './1796912000000-create-return-rules.ts';
import { GiveLateMoneyBack1796913000000 } from './1796913000000-give-late-money-back.ts';
import { CheckSumsTogether1796914000000 } from './1796914000000-check-sums-together.ts';
import { KnowTheFeeOfADebt1796915000000 } from './1796915000000-know-the-fee-of-a-debt.ts';
import { QueueAnnouncements1796916000000 } from './1796916000000-queue-announcements.ts';
import { CreateStatements1796906002000 } from './1796906002000-create-statements.ts';
import { KeepIssuedInvoices1796911004000 } from './1796911004000-keep-issued-invoices.ts';
import { LookAfterMoney1796906003000 } from './1796906003000-look-after-money.ts';
import { ChargeSubscriptions1796905000000 } from './1796905000000-charge-subscriptions.ts';
import { CatchUpAfterHolds1796908000000 } from './1796908000000-catch-up-after-holds.ts';
import { ChangeParties1796909000000 } from './1796909000000-change-parties.ts';
import { CreatePricedQuotes1796909001000 } from './1796909001000-create-priced-quotes.ts';
import { StateShortfalls1796911003000 } from './1796911003000-state-shortfalls.ts';
import { TellWhatIsPastDue1796911000000 } from './1796911000000-tell-what-is-past-due.ts';
import { RemindOfWhatIsToCome1796911001000 } from './1796911001000-remind-of-what-is-to-come.ts';
import { FollowEquities1796911002000 } from './1796911002000-follow-equities.ts';
import { SweepInPasses1796907000000 } from './1796907000000-sweep-in-passes.ts';

/** In the order in which they run. */
export const migrations: readonly MigrationClass[] = [
  CreateKitTables1790000000000,
  CreatePolicies1790000001000,
  GuardScheduleSums1790000002000,
  CreateInvoices1790000003000,
  CreateAllocations1790000004000,
  CreateTestClocks1790000005000,
  TakeMoneyOut1796800000000,
  CreateDisputes1796800001000,
  CreateDisbursementRequests1796800002000,
  CreateSubscriptions1796800003000,
  BillWhateverIsOwed1796900000000,
  VoidCreditMemos1796900100000,
  CreatePlans1796901000000,
  ChooseADueDay1796901001000,
  CreateCommissions1796902000000,
  CreateDelinquencyRules1796903000000,
  CreateDelinquencies1796903001000,
  CreatePartners1796904000000,
  CreateBillingSettings1796906000000,
  WriteDebtsOff1796906001000,
  CreateStatements1796906002000,
  LookAfterMoney1796906003000,
  ChargeSubscriptions1796905000000,
  SweepInPasses1796907000000,
  CatchUpAfterHolds1796908000000,
  ChangeParties1796909000000,
  CreatePricedQuotes1796909001000,
  TellWhatIsPastDue1796911000000,
  RemindOfWhatIsToCome1796911001000,
  FollowEquities1796911002000,
  StateShortfalls1796911003000,
  KeepIssuedInvoices1796911004000,
  CreateReturnRules1796912000000,
  GiveLateMoneyBack1796913000000,
  CheckSumsTogether1796914000000,
  KnowTheFeeOfADebt1796915000000,
  QueueAnnouncements1796916000000,
];
