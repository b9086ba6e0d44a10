import { headers } from '@nats-io/transport-node';
import { EnvelopeError } from '@quittance/events/envelope';
import type { Envelope } from '@quittance/events/envelope';
import { findCardData, maskCardData } from '../card-data/card-data.ts';
import { maskCardNumbers } from '../card-data/card-number.ts';
import { cardDataRefused } from '../card-data/refused.ts';
import type { Letter } from './dead-letters.ts';

/** The one stream to which others than we publish: what comes over it passed no door. */
export const isWrittenByOutsiders = (stream: string): boolean => stream === 'POLICY';

/** The tripwire for events. @throws EnvelopeError that says how many places hold card data, and nothing of them */
export function refuseCardDataIn({ traceparent: _random, ...event }: Envelope): void {
  const { length } = findCardData(event);
  if (length === 0) return;
  cardDataRefused.inc({ where: 'event' });
  throw new EnvelopeError('data', `holds card data in ${length} ${length === 1 ? 'place' : 'places'}`);
}

/** What is kept of a message that was given up: all of it, but for card data, also where it is no JSON. */
export function maskLetter({ subject, body, headers: given, place }: Letter): Letter {
  const masked = headers();
  for (const [name, values] of given ?? []) {
    for (const value of values) masked.append(maskCardNumbers(name), maskCardNumbers(value));
  }
  return { subject: maskCardNumbers(subject), body: maskedBody(body), headers: masked, place };
}

function maskedBody(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString();
  let masked: string;
  try {
    const value: unknown = JSON.parse(text);
    if (findCardData(value).length === 0) return body;
    masked = JSON.stringify(maskCardData(value));
  } catch {
    masked = maskCardNumbers(text);
    if (masked === text) return body;
  }
  return Buffer.from(masked);
}
