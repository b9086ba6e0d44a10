import type { IncomingMessage } from 'node:http';
import type { OperationRequest } from './decide.ts';
import type { Operation } from './instruments.ts';

const bodyBytesMax = 64 * 1024;

export class BadRequest extends Error {}

export async function readForm(request: IncomingMessage): Promise<Record<string, unknown>> {
  return Object.fromEntries(new URLSearchParams(await readText(request)));
}

/** JSON, whatever its content type says: `curl -d` calls everything a form. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = await readText(request);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new BadRequest('the body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new BadRequest('the body is no object');
  return body as Record<string, unknown>;
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > bodyBytesMax) throw new BadRequest('the body is too large');
  }
  return text;
}

export function isForm(request: IncomingMessage): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
}

/** What a caller may leave out: on real time, on no account, captured at once. */
export function operationRequest(operation: Operation, body: Record<string, unknown>): OperationRequest {
  const { amountMinor, on = null, account = '', capture = true } = body;
  if (!Number.isSafeInteger(amountMinor) || (amountMinor as number) <= 0) {
    throw new BadRequest('amountMinor is a positive integer');
  }
  if (on !== null && !isDate(on)) throw new BadRequest('on is a date or null');
  if (typeof account !== 'string' || account.length > 200) throw new BadRequest('account is a string');
  if (typeof capture !== 'boolean') throw new BadRequest('capture is true or false');
  const isCharge = operation === 'charge';
  return {
    ...{ operation, account, on, capture, amountMinor: amountMinor as number },
    ...{ key: text(body, 'key'), currency: text(body, 'currency') },
    token: isCharge ? text(body, 'token') : '',
    subject: isCharge ? text(body, 'subject') : '',
    chargeRef: isCharge ? '' : text(body, 'chargeRef'),
  };
}

export function isDate(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
}

export function text(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '' || value.length > 200) throw new BadRequest(`${name} is a string`);
  return value;
}
