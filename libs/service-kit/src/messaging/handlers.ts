import type { Envelope } from '@quittance/events/envelope';
import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Tx } from '../database/tx.ts';
import type { PatternExtras } from './event-pattern.ts';
import { tracedRun } from './tracing.ts';

/** A consumer method as Nest registered it, with its pipes, guards and filters around it. */
export interface Handler extends PatternExtras {
  handle(events: readonly Envelope[], tx: Tx): Promise<void>;
}

/** Undefined for a type that this service does not consume. */
export function handlerOf(handlers: ReadonlyMap<string, MessageHandler>, type: string): Handler | undefined {
  const registered = handlers.get(type);
  if (!registered) return undefined;
  const extras = registered.extras as unknown as PatternExtras;
  return {
    group: extras.group,
    afterDeadLetter: extras.afterDeadLetter,
    async handle(events, tx) {
      // Nest answers with a promise of an observable: a failure is seen only by who subscribes.
      const answer = (await registered(events, tx)) as Observable<unknown> | undefined;
      if (isObservable(answer)) await lastValueFrom(answer, { defaultValue: undefined });
    },
  };
}

/** Hands events to their handler under a span; none, or no handler, is nothing to do. */
export async function applyHandler(handler: Handler | undefined, events: readonly Envelope[], tx: Tx): Promise<void> {
  const [first] = events;
  if (handler && first) await tracedRun(`process ${first.type}`, events, () => handler.handle(events, tx));
}
