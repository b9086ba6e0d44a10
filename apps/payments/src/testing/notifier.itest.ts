import { newId } from '@quittance/service-kit/id';
import { signature } from '../sandbox/deliveries.ts';
import { sandboxSecret } from './harness.itest.ts';
import type { Payments } from './harness.itest.ts';

export interface Told {
  readonly type: 'outcome' | 'returned' | 'dispute' | 'method';
  readonly data: object;
  readonly id?: string;
  readonly at?: Date;
}

/** Tells the service something as its provider does, signed. @returns the status of the answer */
export async function tell(payments: Payments, told: Told, secret = sandboxSecret): Promise<number> {
  const { type, data, id = `ntf_${newId()}`, at = new Date() } = told;
  const body = JSON.stringify({ id, type, timestamp: at.toISOString(), data });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const headers = {
    ...{ 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp },
    'webhook-signature': signature(`${id}.${timestamp}.${body}`, secret),
  };
  const url = `${payments.service.url}/provider-notifications/sandbox`;
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.body?.cancel();
  return response.status;
}

/** The outcome of a charge, by our key. */
export function approvedCharge(key: string, ref: string, amountMinor: number): Told {
  return { type: 'outcome', data: { operation: 'charge', key, ref, status: 'approved', amountMinor, currency: 'USD' } };
}

export interface Shown {
  locator: string;
  state: string;
}

/** Charges a token, or a stored method, over the API. */
export async function pay(payments: Payments, tenantId: string, body: object): Promise<Shown> {
  const api = await payments.api(tenantId);
  return (await api.post<Shown>('/payments', { amount: 100, capture: true, ...body })).body;
}

export async function stateOf(payments: Payments, tenantId: string, locator: string): Promise<string> {
  const api = await payments.api(tenantId);
  return (await api.get<Shown>(`/payments/${locator}`)).body.state;
}

export async function typesOf(payments: Payments, subject: string): Promise<string[]> {
  return (await payments.eventsOf(subject)).map(({ type }) => type as string);
}

/** The provider's name of a payment's latest charge. */
export async function chargeRefOf(payments: Payments, locator: string): Promise<string> {
  const [row] = await payments.sql<{ provider_ref: string }>(
    'SELECT provider_ref FROM payment_attempts WHERE payment_id = $1 ORDER BY n DESC LIMIT 1',
    [locator],
  );
  return row!.provider_ref;
}

interface Row {
  state: string;
  tries: number;
  concerned_id: string | null;
  reason: string | null;
}

export async function notificationOf(payments: Payments, id: string): Promise<Row | undefined> {
  const [row] = await payments.sql<Row>('SELECT * FROM provider_notifications WHERE notification_id = $1', [id]);
  return row;
}
