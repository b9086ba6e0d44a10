import { createHmac, timingSafeEqual } from 'node:crypto';
import { NotificationRefused } from './provider.ts';
import type { NotificationRequest } from './provider.ts';

const toleranceSeconds = 300;

/**
 * Checks a Standard Webhooks signature over the bytes of a request and answers its `webhook-id`.
 * @throws NotificationRefused
 */
export function verifyStandardWebhook(request: NotificationRequest, secret: string, now: Date): string {
  const id = header(request, 'webhook-id');
  const timestamp = header(request, 'webhook-timestamp');
  const signatures = header(request, 'webhook-signature');
  if (!/^\d{1,12}$/.test(timestamp)) throw new NotificationRefused('webhook-timestamp is no number');
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > toleranceSeconds) {
    throw new NotificationRefused('webhook-timestamp is too far from now');
  }
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(request.body).digest();
  // A secret that is being replaced signs twice: the header carries every signature that holds.
  const isSigned = signatures.split(' ').some((each) => each.startsWith('v1,') && isEqual(each.slice(3), expected));
  if (!isSigned) throw new NotificationRefused('no signature fits');
  return id;
}

function isEqual(given: string, expected: Buffer): boolean {
  const bytes = Buffer.from(given, 'base64');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

function header({ headers }: NotificationRequest, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string' || value === '') throw new NotificationRefused(`${name} is missing`);
  return value;
}
