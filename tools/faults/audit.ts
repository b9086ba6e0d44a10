import pg from 'pg';
import type { StoredFacts } from './policy-system.ts';
import type { PartnerLog } from './receiver.ts';
import { readStreams } from './streams.ts';
import type { Written } from './writers.ts';

/** Every count is of something that must not be there; a name says what, a sample which. */
export interface Finding {
  what: string;
  count: number;
  sample: unknown[];
}

export interface Ledger {
  findings: Finding[];
  /** What was looked at: a check over nothing proves nothing. */
  counted: Record<string, number>;
}

export interface AuditInput {
  adminUrl: string;
  demoNatsUrl: string;
  written: Written;
  issued: StoredFacts;
  /** When the broker's data was taken away. */
  wipedAt: number | undefined;
  partner: PartnerLog;
  partnerTypes: readonly string[];
}

type Row = Record<string, unknown>;

/** Checks in SQL, each over the whole database: the rows it returns are violations. */
const violations: Record<string, string> = {
  'payment posted without exactly one journal entry': `
    SELECT p.id FROM payments.payments p WHERE p.posted_at IS NOT NULL AND 1 <> (
      SELECT count(*) FROM reconciliation.journal_entries e
      WHERE e.tenant_id = p.tenant_id AND e.source_type = 'payment'
        AND e.source_id = p.id::text AND e.kind = 'payment_posted')`,
  'payment reversed without exactly one mirror entry': `
    SELECT p.id FROM payments.payments p WHERE p.state = 'reversed' AND 1 <> (
      SELECT count(*) FROM reconciliation.journal_entries e
      JOIN reconciliation.journal_entries o ON o.tenant_id = e.tenant_id AND o.id = e.reverses
        AND o.seq < e.seq AND o.source_id = e.source_id
      WHERE e.tenant_id = p.tenant_id AND e.source_id = p.id::text AND e.kind = 'payment_reversed')`,
  'payment that billing did not take, or not as it is': `
    SELECT p.id FROM payments.payments p
      LEFT JOIN billing.received_payments r ON r.tenant_id = p.tenant_id AND r.locator = p.id
     WHERE p.posted_at IS NOT NULL AND (r.locator IS NULL OR r.amount_minor <> p.amount_minor
           OR r.state <> CASE p.state WHEN 'reversed' THEN 'reversed' ELSE 'posted' END)`,
  'payment whose allocations do not add up': `
    SELECT r.locator FROM billing.received_payments r WHERE r.allocated_minor <> (SELECT coalesce(sum(
      CASE a.kind WHEN 'apply' THEN a.amount_minor ELSE -a.amount_minor END), 0) FROM billing.allocations a
      WHERE a.tenant_id = r.tenant_id AND a.payment_locator = r.locator)`,
  'invoice whose allocations do not add up': `
    SELECT i.id FROM billing.invoices i WHERE i.allocated_minor <> (SELECT coalesce(sum(
      CASE a.kind WHEN 'apply' THEN a.amount_minor ELSE -a.amount_minor END), 0) FROM billing.allocations a
      WHERE a.tenant_id = i.tenant_id AND a.invoice_id = i.id)`,
  'invoice without exactly one journal entry': `
    SELECT i.id FROM billing.invoices i WHERE 1 <> (SELECT count(*) FROM reconciliation.journal_entries e
      WHERE e.tenant_id = i.tenant_id AND e.source_id = i.id::text AND e.kind = 'invoice_issued')`,
  'receivable in the ledger that is not the sum of open invoices': `
    SELECT t.tenant_id FROM (SELECT tenant_id, sum(balance_minor) AS open FROM billing.invoices GROUP BY 1) t
     WHERE t.open <> (SELECT coalesce(sum(amount_minor), 0) FROM reconciliation.journal_lines l
                       WHERE l.tenant_id = t.tenant_id AND l.account = '1200')`,
  'trial balance that is not zero': `
    SELECT tenant_id, currency, sum(amount_minor) AS off FROM reconciliation.journal_lines
     GROUP BY 1, 2 HAVING sum(amount_minor) <> 0`,
  ...Object.fromEntries(
    ['payments', 'billing', 'reconciliation', 'webhooks'].flatMap((service) => [
      [`event still queued in ${service}`, `SELECT seq FROM ${service}.outbox_queue`],
      [`event still parked in ${service}`, `SELECT id, stream, sequence FROM ${service}.inbox_parked`],
      [
        `aggregate of ${service} whose events are not numbered 1..n`,
        `SELECT subject FROM ${service}.event_log GROUP BY tenant_id, subject
         HAVING max(sequence) <> count(*) OR min(sequence) <> 1`,
      ],
    ]),
  ),
};

/** Who takes which events: each must have every one of them in its inbox. */
const consumers: readonly { consumer: string; producer: string; stream: string; types: readonly string[] }[] = [
  { consumer: 'billing', producer: 'payments', stream: 'PAYMENTS', types: ['payment.posted', 'payment.reversed'] },
  {
    consumer: 'reconciliation',
    producer: 'payments',
    stream: 'PAYMENTS',
    types: ['payment.posted', 'payment.reversed'],
  },
  {
    consumer: 'reconciliation',
    producer: 'billing',
    stream: 'BILLING',
    types: ['invoice.issued', 'allocation.created', 'allocation.reversed'],
  },
  { consumer: 'webhooks', producer: 'payments', stream: 'PAYMENTS', types: ['payment.posted', 'payment.reversed'] },
];

/** Compares what was promised with everything that the stack and the partner hold. */
export async function audit(input: AuditInput): Promise<Ledger> {
  const client = new pg.Client({ connectionString: input.adminUrl });
  await client.connect();
  const rows = async (sql: string, values: unknown[] = []) => (await client.query<Row>(sql, values)).rows;
  const findings: Finding[] = [];
  const found = (what: string, list: readonly unknown[]) => {
    if (list.length > 0) findings.push({ what, count: list.length, sample: list.slice(0, 3) });
  };
  try {
    for (const [what, sql] of Object.entries(violations)) found(what, await rows(sql));
    for (const { consumer, producer, stream, types } of consumers) {
      const sql = `SELECT l.id, l.type FROM ${producer}.event_log l LEFT JOIN ${consumer}.inbox i
        ON i.tenant_id = l.tenant_id AND i.stream = $1 AND i.id = l.id WHERE l.type = ANY($2) AND i.id IS NULL`;
      found(`event of ${producer} that ${consumer} never had`, await rows(sql, [stream, types]));
    }
    await auditWritten(input.written, rows, found);
    const issued = await auditIssued(input, rows, found);
    const counted = await auditEvents(input, rows, found);
    return { findings, counted: { ...counted, ...issued, ...(await totals(rows)) } };
  } finally {
    await client.end();
  }
}

type Rows = (sql: string, values?: unknown[]) => Promise<Row[]>;
type Found = (what: string, list: readonly unknown[]) => void;

/** What a client was told must be there; what is there must have been asked for, once. */
async function auditWritten(written: Written, rows: Rows, found: Found): Promise<void> {
  const stored = await rows(`SELECT id::text, state FROM payments.payments WHERE method = 'check'`);
  const stateOf = new Map(stored.map(({ id, state }) => [String(id), String(state)]));
  found(
    'payment answered with 201 and lost',
    [...written.posted].filter((id) => !stateOf.has(id)),
  );
  found(
    'payment that nobody was told of: a repeated request took effect twice',
    [...stateOf.keys()].filter((id) => !written.posted.has(id)),
  );
  found(
    'reversal answered with 200 and lost',
    [...written.reversed].filter((id) => stateOf.get(id) !== 'reversed'),
  );
  found('request refused that should not have been', written.refused);
}

/**
 * Facts that an outsider published. One that billing had not taken when the broker lost its data is gone with it, as
 * the README says: it is counted apart. Any other that is missing is a loss like every other.
 */
async function auditIssued({ issued, wipedAt = 0 }: AuditInput, rows: Rows, found: Found) {
  const taken = await rows(`SELECT locator::text, count(*)::int AS times FROM billing.policies GROUP BY 1`);
  const timesOf = new Map(taken.map(({ locator, times }) => [String(locator), Number(times)]));
  const missing = [...issued].filter(([locator]) => !timesOf.has(locator));
  found(
    'policy.issued acknowledged by the broker, which kept its data, and never taken by billing',
    missing.filter(([, storedAt]) => storedAt > wipedAt),
  );
  found(
    'policy.issued that made more than one policy',
    [...issued.keys()].filter((locator) => (timesOf.get(locator) ?? 0) > 1),
  );
  return { 'policies over NATS': issued.size, 'of them gone with the broker': missing.length };
}

/** Event log, stream and the partner's log hold the same events. */
async function auditEvents({ demoNatsUrl, partner, partnerTypes }: AuditInput, rows: Rows, found: Found) {
  const streams = await readStreams(demoNatsUrl);
  const counted: Record<string, number> = {};
  for (const service of ['payments', 'billing', 'reconciliation', 'webhooks']) {
    const logged = await rows(`SELECT id::text, type FROM ${service}.event_log`);
    const stored = streams[service.toUpperCase()] ?? new Map<string, number>();
    const ids = new Set(logged.map(({ id }) => String(id)));
    found(
      `event of ${service} in its log but not in its stream`,
      [...ids].filter((id) => !stored.has(id)),
    );
    found(
      `event in the stream of ${service} that was never committed`,
      [...stored.keys()].filter((id) => !ids.has(id)),
    );
    const forPartner = logged.filter(({ type }) => partnerTypes.includes(String(type))).map(({ id }) => String(id));
    found(
      `event of ${service} that the partner never received`,
      forPartner.filter((id) => !partner.received.has(id)),
    );
    counted[`events of ${service}`] = logged.length;
    counted[`webhooks for ${service}`] = forPartner.length;
  }
  counted['webhooks repeated'] = [...partner.received.values()].reduce((sum, times) => sum + times - 1, 0);
  return counted;
}

async function totals(rows: Rows): Promise<Record<string, number>> {
  const [row] = await rows(`
    SELECT (SELECT count(*) FROM payments.payments WHERE posted_at IS NOT NULL)::int AS payments,
           (SELECT count(*) FROM billing.allocations)::int AS allocations,
           (SELECT count(*) FROM reconciliation.journal_entries)::int AS "journal entries",
           (SELECT count(*) FROM payments.relay_state WHERE amnesia_detected_at IS NOT NULL)::int
             AS "amnesia noticed"`);
  return row as Record<string, number>;
}
