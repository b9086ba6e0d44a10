import { EnvelopeError } from '@quittance/events/envelope';
import type { Envelope } from '@quittance/events/envelope';
import type { Handler } from './handlers.ts';
import type { StreamMessage } from './message.ts';

export interface Delivered {
  message: StreamMessage;
  event: Envelope;
  handler: Handler | undefined;
}

/** Consecutive messages that go through one handler in one transaction; those without a handler ride along. */
export interface Run {
  handler: Handler | undefined;
  delivered: Delivered[];
}

export interface Unreadable {
  message: StreamMessage;
  error: EnvelopeError;
}

/** Cuts a batch into runs, in stream order, and sets aside what is no event at all, or none that we may take. */
export function cutIntoRuns(
  messages: readonly StreamMessage[],
  handlerOf: (type: string) => Handler | undefined,
  check: (event: Envelope) => void = () => undefined,
): { runs: Run[]; unreadable: Unreadable[] } {
  const runs: Run[] = [];
  const unreadable: Unreadable[] = [];
  for (const message of messages) {
    let event: Envelope;
    try {
      event = message.event();
      check(event);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      unreadable.push({ message, error });
      continue;
    }
    const handler = handlerOf(event.type);
    const current = runs.at(-1);
    if (current && (!handler || !current.handler || current.handler.group === handler.group)) {
      current.handler ??= handler;
      current.delivered.push({ message, event, handler });
    } else {
      runs.push({ handler, delivered: [{ message, event, handler }] });
    }
  }
  return { runs, unreadable };
}
