import { getPlan, planOf } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';

const fee = { USD: 350n, JPY: 400n, KWD: 1500n };
const quarterly = { label: 'Quarterly', cadence: { type: 'quarterly' } } as const;

/** Built-in ones, and others that say otherwise. The more instalments, the longer a history takes: few have many. */
export const plans: readonly Plan[] = [
  getPlan('full-pay'),
  getPlan('1year-quarterly'),
  getPlan('1year-quarterly'),
  getPlan('1year-monthly'),
  getPlan('20-down-9-monthly'),
  planOf({ ...quarterly, name: 'with-fees', instalmentFee: fee, returnPolicy: 'reduce_last_first' }),
  planOf({ ...quarterly, name: 'next', endorsementPolicy: 'next', returnPolicy: 'reduce_next_first' }),
  planOf({ ...quarterly, name: 'apart', endorsementPolicy: 'bill_separately', returnPolicy: 'refund' }),
];

const byName = new Map(plans.map((plan) => [plan.name, plan]));

export function planNamed(name: string): Plan {
  return byName.get(name)!;
}
