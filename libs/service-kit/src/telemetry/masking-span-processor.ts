import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { maskCardNumbers } from '../card-data/card-number.ts';

/** Paths hold ids, and on the way to a provider its tokens; queries are the caller's words. The route stays. */
const URLS = ['url.full', 'url.path', 'url.query', 'http.url', 'http.target'];

/**
 * The last resort for spans, as the log has one: no URL leaves, and no attribute with a card number. Instrumentation
 * records before anybody could refuse a request. It stands before the processors that export, and changes the ended
 * span itself.
 */
export class MaskingSpanProcessor implements SpanProcessor {
  onStart(): void {}

  onEnd({ attributes, events, status }: ReadableSpan): void {
    mask(attributes);
    for (const event of events) if (event.attributes) mask(event.attributes);
    if (status.message !== undefined) status.message = maskCardNumbers(status.message);
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function mask(attributes: Record<string, unknown>): void {
  for (const name of URLS) delete attributes[name];
  for (const [name, value] of Object.entries(attributes)) {
    attributes[name] = Array.isArray(value) ? value.map(masked) : masked(value);
  }
}

function masked(value: unknown): unknown {
  return typeof value === 'string' ? maskCardNumbers(value) : value;
}
