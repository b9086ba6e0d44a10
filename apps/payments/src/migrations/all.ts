import { CreatePayments1795200000000 } from './1795200000000-create-payments.ts';

export const migrations = [CreatePayments1795200000000];
