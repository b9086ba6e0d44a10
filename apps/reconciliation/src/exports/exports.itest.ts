import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { defaultLedgerSettings } from '../domain/rule-set.ts';
import { said, startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { BillingWorld } from '../testing/billing-world.itest.ts';
import { MoneyWorld } from '../testing/money-world.itest.ts';
import type { ExportDto } from './export.dto.ts';
import { exportFormats } from './writers.ts';

let ledger: Reconciliation;
beforeAll(async () => {
  ledger = await startReconciliation();
});
afterAll(() => ledger.stop());

const client = (tenantId: string, scopes = ['recon:read', 'recon:write']) => ledger.api(tenantId, scopes);
const made = async (api: Api, body: object) => (await api.post<ExportDto>('/exports', body)).body;
const content = (api: Api, { id }: ExportDto, part = 1) => api.get<string>(`/exports/${id}/content?part=${part}`);

/** Some money in, out and back, in several currencies, with names that would be formulas and tags. */
async function world() {
  const story = new MoneyWorld();
  const payment = story.pay(120_000, 107_500);
  story.refund(payment, 2500);
  story.follow(story.request(payment, 10_000), 'stale');
  story.settle(story.dispute(story.pay(5000, 0, 'ach'), 1500), 'won');
  story.return(story.pay(7000, 7000, 'ach'));
  const { tenantId } = story;
  const yen = { amount: '308', amountMinor: 308, currency: 'JPY' };
  const [locator, invoiceLocator] = [newId(), newId()];
  const invoice = { invoiceLocator, policyLocator: '=1+1, "x"', total: yen };
  await ledger.publish(
    ...story.events,
    said('payment.posted', { tenantId, subject: locator, data: { locator, amount: yen } }),
    said('invoice.issued', {
      ...{ tenantId, subject: invoiceLocator },
      data: { ...invoice, items: [{ category: 'premium', amount: yen }], issuedOn: '2024-12-31' },
    }),
  );
  await ledger.booked(tenantId, 15);
  return tenantId;
}
const hasHledger = (() => {
  try {
    execFileSync('hledger', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

describe('an export', () => {
  it('of each format is kept as it was made, and its digests are those of its bytes', async () => {
    const tenantId = await world();
    const api = await client(tenantId);
    const stranger = await client(newId());
    for (const format of exportFormats) {
      const { status, body } = await api.post<ExportDto>('/exports', { format });
      expect([status, body.format, body.entries]).toEqual([201, format, 15]);
      const texts: string[] = [];
      for (const { part, name, sha256 } of body.parts) {
        const { headers } = await content(api, body, part);
        const bytes = Buffer.from(await (await fetchRaw(api, body.id, part)).arrayBuffer());
        expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('content-type')).not.toContain('html');
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
        texts.push(bytes.toString());
      }
      expect(createHash('sha256').update(texts.join('')).digest('hex')).toBe(body.sha256);
      expect((await api.get(`/exports/${body.id}`)).body).toEqual(body);
      expect((await stranger.get(`/exports/${body.id}`)).status).toBe(404);
      expect((await content(stranger, body)).status).toBe(404);
      expect((await content(api, body, body.parts.length + 1)).status).toBe(404);
    }
    const page = await api.get<{ items: ExportDto[]; nextCursor: string }>('/exports?limit=4');
    expect(page.body.items.map(({ format }) => format)).toEqual(['csv', 'xero', 'qbo', 'iif']);
    const rest = await api.get<{ items: ExportDto[] }>(`/exports?limit=4&cursor=${page.body.nextCursor}`);
    expect(rest.body.items.map(({ format }) => format)).toEqual(['beancount', 'hledger']);
  });

  it('goes on where the last of its format ended; what is booked later is in the next', async () => {
    const story = new MoneyWorld();
    const api = await client(story.tenantId);
    expect((await api.post('/exports', { format: 'csv' })).body).toMatchObject({ status: 422, code: 'export_empty' });
    story.pay(5000, 0);
    await ledger.publish(...story.events);
    const [first] = await ledger.booked(story.tenantId, 1);
    const atOnce = await Promise.all([1, 2, 3].map(() => api.post<ExportDto>('/exports', { format: 'csv' })));
    expect(atOnce.map(({ status }) => status).sort()).toEqual([201, 422, 422]);
    const one = atOnce.find(({ status }) => status === 201)!.body;
    expect(one).toMatchObject({ fromSeq: 1, toSeq: first!.seq, entries: 1 });
    story.pay(6000, 0);
    await ledger.publish(story.events.at(-1)!);
    const [second] = await ledger.booked(story.tenantId, 2);
    expect(await made(api, { format: 'csv' })).toMatchObject({
      fromSeq: first!.seq + 1,
      toSeq: second!.seq,
      entries: 1,
    });
    const again = await made(api, { format: 'csv', fromSeq: 1, toSeq: first!.seq });
    expect(again.sha256).toBe(one.sha256);
  });

  it('waits for who is booking: a number that was drawn before is not left out', async () => {
    const story = new MoneyWorld();
    const api = await client(story.tenantId);
    story.pay(5000, 0);
    await ledger.publish(...story.events);
    const writer = new pg.Client({ connectionString: ledger.database.workerUrl });
    await ledger.booked(story.tenantId, 1);
    await writer.connect();
    await writer.query('BEGIN');
    const id = newId();
    await writer.query(
      `INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, posted_at)
       VALUES ($1, $2, 'manual', 'manual', $3, '2025-01-01', now())`,
      [story.tenantId, id, id],
    );
    story.pay(6000, 0);
    await ledger.publish(story.events.at(-1)!);
    await ledger.booked(story.tenantId, 2);
    const asked = made(api, { format: 'csv' });
    await writer.query(
      `INSERT INTO journal_lines (tenant_id, entry_id, n, account, amount_minor, currency)
       VALUES ($1, $2, 1, '1100', 5, 'USD'), ($1, $2, 2, '2100', -5, 'USD')`,
      [story.tenantId, id],
    );
    await writer.query('COMMIT');
    await writer.end();
    expect(await asked).toMatchObject({ entries: 3 });
  });

  it.each([
    [{ format: 'pdf' }, 400, '/format'],
    [{ format: 'csv', fromSeq: 0 }, 400, '/fromSeq'],
    [{ format: 'csv', fromSeq: 5, toSeq: 4 }, 400, '/toSeq'],
    [{ format: 'csv', detail: 'weekly' }, 400, '/detail'],
    [{ format: 'csv', until: 4 }, 400, '/until'],
  ])('%j is refused', async (body, status, pointer) => {
    const answer = await (await client(newId())).post<{ errors: object[] }>('/exports', body);
    expect([answer.status, answer.body.errors]).toEqual([status, [expect.objectContaining({ pointer })]]);
  });

  it('is made by who may write only', async () => {
    const reader = await client(newId(), ['recon:read']);
    expect((await reader.post('/exports', { format: 'csv' })).status).toBe(403);
  });
});

/** What a carrier's billing says: invoices, commission, fees for trouble, what is written off. */
async function billed() {
  const story = new BillingWorld(defaultLedgerSettings);
  story.pay(story.bill('instalment', 100_000, 5000, 2500), 107_500);
  story.pay(story.bill('fee', 2500), 1000);
  story.commission('earned', 15_000);
  story.commission('paid', 15_000);
  for (const [which, kind] of (['memo', 'forgive', 'write', 'restore'] as const).entries()) {
    story.run({ kind, minor: 200 + which, which });
  }
  await ledger.publish(...story.events);
  await ledger.booked(story.tenantId, story.events.length);
  return story.tenantId;
}

/** An optional tool, Debian's package of this name, which knows nothing of us. */
describe('hledger', () => {
  const finds = hasHledger
    ? 'finds in order, and with the balances that we find,'
    : 'is not installed, so is not asked of';
  it.each([
    [`${finds} money in and out`, world],
    [`${finds} what is billed`, billed],
  ])('%s', async (_name, booked) => {
    if (!hasHledger) return;
    const api = await client(await booked());
    const text = (await content(api, await made(api, { format: 'hledger' }))).body;
    const folder = await mkdtemp(path.join(tmpdir(), 'hledger-'));
    const file = path.join(folder, 'books.journal');
    try {
      await writeFile(file, text);
      await hledger('check', '-s', '-f', file);
      const { stdout } = await hledger('bal', '-f', file, '-O', 'csv', '--flat', '-N');
      expect(balancesIn(stdout).sort()).toEqual((await trialBalance(api)).sort());
      await writeFile(file, text.replace(/^ {4}assets:1\d{3} .*/m, '    assets:1150 payouts in transit'));
      await expect(hledger('check', '-s', '-f', file)).rejects.toThrow();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

async function trialBalance(api: Api): Promise<string[]> {
  type Trial = Record<string, { accounts: { code: string; balance: string }[] }>;
  const trial = (await api.get<Trial>('/trial-balance')).body;
  return Object.entries(trial).flatMap(([currency, { accounts }]) =>
    accounts
      .filter(({ balance }) => /[1-9]/.test(balance))
      .map(({ code, balance }) => `${code} ${balance} ${currency}`),
  );
}

const hledger = (...args: string[]) => promisify(execFile)('hledger', args);

/** `"assets:1100 clearing card","1092.00 USD, -308 JPY"` */
function balancesIn(csv: string): string[] {
  const rows = [...csv.matchAll(/^"\w+:(\d{4}) [^"]*","([^"]*)"$/gm)];
  return rows.flatMap(([, code, amounts = '']) => amounts.split(', ').map((amount) => `${code} ${amount}`));
}

async function fetchRaw(api: Api, id: string, part: number): Promise<Response> {
  const { baseUrl, headers } = api as unknown as { baseUrl: string; headers: Record<string, string> };
  return fetch(`${baseUrl}/exports/${id}/content?part=${part}`, { headers });
}
