import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Finding, Ledger } from '../audit.ts';
import type { Told } from './senders.ts';

export interface KeyAudit {
  adminUrl: string;
  /** The provider's own books. */
  sandboxStore: string;
  tenantId: string;
  /** What was told for each order, by its invoice: every answer that any sender got. */
  told: ReadonlyMap<string, readonly Told[]>;
}

interface StoredPayment {
  id: string;
  invoice: string;
  state: string;
  posted: number;
}

const PAYMENTS = `
  SELECT p.id::text, p.invoice_locator AS invoice, p.state, (SELECT count(*) FROM payments.event_log l
         WHERE l.tenant_id = p.tenant_id AND l.subject = p.id::text AND l.type = 'payment.posted')::int AS posted
    FROM payments.payments p WHERE p.tenant_id = $1`;
const KEYS = `
  SELECT count(*) FILTER (WHERE state <> 'done')::int AS unfinished, count(*) FILTER (WHERE attempt > 1)::int AS taken
    FROM payments.idempotency_keys WHERE tenant_id = $1`;
const CHARGES = `
  SELECT subject, count(*) AS charges FROM operations
   WHERE operation = 'charge' AND status = 'approved' AND json_extract(done, '$.account') = ? GROUP BY subject`;

/** Compares what senders were told with the provider's books, the payments and their events. */
export async function auditKeys({ adminUrl, sandboxStore, tenantId, told }: KeyAudit): Promise<Ledger> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const payments = (await client.query<StoredPayment>(PAYMENTS, [tenantId])).rows;
    const [keys] = (await client.query<{ unfinished: number; taken: number }>(KEYS, [tenantId])).rows;
    const charges = chargesIn(sandboxStore, tenantId);
    const answered = [...told].filter(([, answers]) => answers.length > 0);
    const counted = {
      'answered keys': answered.length,
      'provider charges': [...charges.values()].reduce((sum, count) => sum + count, 0),
      payments: payments.length,
      'posted events': payments.reduce((sum, { posted }) => sum + posted, 0),
      answers: answered.reduce((sum, [, answers]) => sum + answers.length, 0),
      replays: answered.reduce((sum, [, answers]) => sum + answers.filter(({ replayed }) => replayed).length, 0),
      'leases taken over': keys?.taken ?? 0,
    };
    const findings = findingsOf(payments, charges, told);
    if (keys?.unfinished) findings.push({ what: 'key that is not finished', count: keys.unfinished, sample: [] });
    return { findings, counted };
  } finally {
    await client.end();
  }
}

function findingsOf(
  payments: readonly StoredPayment[],
  charges: ReadonlyMap<string, number>,
  told: ReadonlyMap<string, readonly Told[]>,
): Finding[] {
  const byInvoice = Map.groupBy(payments, ({ invoice }) => invoice);
  const ids = new Set(payments.map(({ id }) => id));
  const orders = [...told].map(([invoice, answers]) => {
    const made = byInvoice.get(invoice) ?? [];
    const charged = made.reduce((sum, { id }) => sum + (charges.get(id) ?? 0), 0);
    const distinct = [...new Set(answers.map(({ status, body }) => `${status} ${body}`))];
    return {
      invoice,
      made: made.length,
      charged,
      distinct,
      isAnsweredTruly: distinct.every((one) => names(one, made)),
    };
  });
  const found: Record<string, readonly unknown[]> = {
    'order that was not charged exactly once': orders.filter(({ charged }) => charged !== 1),
    'order without exactly one payment': orders.filter(({ made }) => made !== 1),
    'order with divergent answers': orders.filter(({ distinct }) => distinct.length !== 1),
    'answer that names no payment of its order': orders.filter(({ isAnsweredTruly }) => !isAnsweredTruly),
    'charge for something that is no payment': [...charges.keys()].filter((id) => !ids.has(id)),
    'payment that is not posted by exactly one event': payments.filter(
      ({ state, posted }) => state !== 'posted' || posted !== 1,
    ),
  };
  return Object.entries(found)
    .filter(([, list]) => list.length > 0)
    .map(([what, list]) => ({ what, count: list.length, sample: list.slice(0, 3) }));
}

function names(answer: string, payments: readonly StoredPayment[]): boolean {
  const { locator } = JSON.parse(answer.slice('201 '.length)) as { locator?: string };
  return answer.startsWith('201 ') && payments.some(({ id }) => id === locator);
}

function chargesIn(file: string, tenantId: string): Map<string, number> {
  const store = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = store.prepare(CHARGES).all(tenantId) as unknown as { subject: string; charges: number }[];
    return new Map(rows.map(({ subject, charges }) => [subject, charges]));
  } finally {
    store.close();
  }
}
