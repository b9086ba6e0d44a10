import { CreatePayments1795200000000 } from './1795200000000-create-payments.ts';
import { WidenPayments1796000000000 } from './1796000000000-widen-payments.ts';

export const migrations = [CreatePayments1795200000000, WidenPayments1796000000000];
