import { unallocate } from '../withdrawals/unallocate.ts';
import { withdraw } from '../withdrawals/withdraw.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
import { allocate } from '../domain/allocation.ts';
import { earnedOf } from '../domain/earning.ts';
import { netItems } from '../domain/net-items.ts';
import { destinationOf } from '../domain/receipt.ts';
import { planSchedule } from '../domain/schedule.ts';
import { buildRecut } from '../schedules/recut.builder.ts';
import { cancel } from '../transactions/cancellation.ts';
import { endorseTerm } from '../transactions/endorsement.ts';
import { undo } from '../transactions/invalidation.ts';
import { payByPlan } from '../transactions/plan-change.ts';
import { reinstate } from '../transactions/reinstatement.ts';

/**
 * The very functions that the services call. The simulation is given them, so that a mistake can take the place of one.
 */
export const rules = {
  planSchedule,
  buildRecut,
  endorseTerm,
  cancel,
  reinstate,
  payByPlan,
  undo,
  netItems,
  earnedOf,
  destinationOf,
  allocate,
  unallocate,
  withdraw,
  progressOf: (book: ReceivableBook) => book.progress(),
};

export type Rules = typeof rules;
