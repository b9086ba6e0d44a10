import { maskCardNumbers } from '@quittance/service-kit/card-data/card-number';
import { redacted } from '../domain/redaction.ts';
import type { Settlement } from './job.ts';

/**
 * An attempt as it is written down: no credential and no card number of what the receiver said. Decided here and not
 * when it is shown, so that none is in the table, its log or its backups.
 */
export function asRecorded(settlement: Settlement): Settlement {
  const { reply } = settlement;
  return {
    ...settlement,
    attemptId: reply.startId ?? settlement.attemptId,
    reply: { ...reply, headers: redacted(reply.headers, maskCardNumbers), body: reply.body && maskedBody(reply.body) },
  };
}

/** The very bytes, unless there is a card number in them. */
function maskedBody(body: Buffer): Buffer {
  const text = body.toString('utf8');
  const masked = maskCardNumbers(text);
  return masked === text ? body : Buffer.from(masked);
}
