import { Ctx, EventPattern as NestEventPattern, Payload } from '@nestjs/microservices';
import type { EventType } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '../database/tx.ts';

export interface EventPatternOptions {
  /**
   * What becomes of later events of an aggregate one of whose events is a dead letter.
   * `hold` (default): they wait, as a ledger must. `continue`: they go on, as notifications may.
   */
  afterDeadLetter?: 'hold' | 'continue';
}

/** What the strategy reads back from a handler. Handlers of one method share a group: their events run together. */
export interface PatternExtras extends Required<EventPatternOptions> {
  group: symbol;
}

type Handler<T extends EventType> = (events: QuittanceEvent<T>[], tx: Tx) => Promise<void>;

/**
 * Nest's `@EventPattern`, typed by the event catalogue. The method receives a run of consecutive new events, in stream
 * order and of several tenants, and the transaction in which they take effect together with their inbox rows.
 * @example
 *   @EventPattern('instalment.due')
 *   handle(events: QuittanceEvent<'instalment.due'>[], tx: Tx) { return this.payments.collect(tx, events); }
 */
export function EventPattern<T extends EventType>(
  types: T | readonly T[],
  options: EventPatternOptions = {},
): (target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<Handler<T>>) => void {
  const extras: PatternExtras = { group: Symbol('handler'), afterDeadLetter: 'hold', ...options };
  const decorate = NestEventPattern<readonly T[]>([types].flat() as readonly T[], extras);
  return (target, key, descriptor) => {
    decorate(target, key, descriptor);
    // Nest hands a handler without parameter decorators its payload only: said here, so that no consumer forgets the
    // tx.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
  };
}
