import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { holdsCardNumber, maskCardNumbers } from '../card-data/card-number.ts';

/**
 * The last resort for spans, as the log has one: no attribute leaves with a card number. Instrumentation records URLs
 * before anybody could refuse them. It stands before the processors that export, and changes the ended span itself.
 */
export class MaskingSpanProcessor implements SpanProcessor {
  onStart(): void {}

  onEnd({ attributes, events, status }: ReadableSpan): void {
    mask(attributes);
    for (const event of events) if (event.attributes) mask(event.attributes);
    if (status.message !== undefined) status.message = maskText(status.message);
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function mask(attributes: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(attributes)) {
    attributes[name] = Array.isArray(value) ? value.map(masked) : masked(value);
  }
}

function masked(value: unknown): unknown {
  return typeof value === 'string' ? maskText(value) : value;
}

/** A URL may hide a number behind its encoding: `4111%201111`, `4111+1111`. Then it is masked as it reads. */
function maskText(text: string): string {
  const read = decoded(text);
  return read !== text && holdsCardNumber(read) ? maskCardNumbers(read) : maskCardNumbers(text);
}

function decoded(text: string): string {
  if (!/%[\da-f]{2}|\+/i.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text.replaceAll('+', ' ');
  }
}
