import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { ExceptionAction } from '../domain/exception-life.ts';
import type { WorkException } from './work-exception.ts';

/** However it was closed, it is resolved to who listens; `resolution` says how. */
const types = {
  open: 'exception.opened',
  assign: 'exception.assigned',
  unassign: 'exception.unassigned',
  ask_info: 'exception.info_requested',
  resolve: 'exception.resolved',
  write_off: 'exception.resolved',
  auto_close: 'exception.resolved',
  reopen: 'exception.reopened',
} as const satisfies Record<ExceptionAction | 'open', NewEvent['type']>;

/** Ids, codes and amounts: what people wrote beside them is read over the API. */
export function exceptionEvent(found: WorkException, action: ExceptionAction | 'open', time: Date): NewEvent {
  const { tenantId, id, type, subject, amount, state, version, reopened, openedAt, dueAt } = found;
  const data = {
    ...{ exceptionId: id, type, subject, state, reopened },
    ...{ openedAt: openedAt.toISOString(), dueAt: dueAt.toISOString() },
    ...(amount ? { amount: toWire(amount) } : {}),
    ...(found.assignee === null ? {} : { assignee: found.assignee }),
    ...(found.resolution === null ? {} : { resolution: found.resolution }),
    ...(found.closedAt === null ? {} : { closedAt: found.closedAt.toISOString() }),
  };
  return { type: types[action], tenantId, subject: id, sequence: version, data, time };
}
