import { randomUUID } from 'node:crypto';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { line } from '../domain/lines.ts';
import { JournalService } from '../journal/journal.service.ts';
import { FollowLedgerWorker } from '../ledger/follow-ledger.worker.ts';
import { inShort, said, startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';

let recon: Reconciliation;
beforeAll(async () => {
  recon = await startReconciliation();
});
afterAll(() => recon.stop());

const call = async (tenantId: string, method: string, path: string, body?: unknown) => {
  const headers = { 'idempotency-key': randomUUID() };
  const api = await recon.api(tenantId, ['recon:read', 'recon:write'], 'ann');
  return api.send<any>(method, path, body === undefined ? { headers } : { body, headers });
};
const rent = {
  description: 'Rent of January',
  currency: 'USD',
  effectiveDate: '2025-01-31',
  lines: [
    { role: 'bank_fees', debit: '25.00', party: 'P-1' },
    { account: '1010', credit: '25.00' },
  ],
};

describe('an entry by hand', () => {
  it('is booked by who asked for it, found by what it is about, and undone once', async () => {
    const tenantId = newId();
    const { status, body } = await call(tenantId, 'POST', '/journal-entries', rent);
    expect([status, body.kind, body.bookedBy, body.description, ...inShort(body)]).toEqual([
      ...[201, 'manual_entry', 'ann', 'Rent of January'],
      ...['5140 25.00 0.00', '1010 0.00 25.00'],
    ]);
    expect((await call(tenantId, 'GET', '/balances?party=P-1')).body.items).toMatchObject([
      { account: '5140', balance: '25.00' },
    ]);
    expect((await call(tenantId, 'GET', '/accounts/1010/balance')).body.items).toMatchObject([{ balance: '-25.00' }]);
    expect((await call(tenantId, 'GET', '/accounts/9999/balance')).status).toBe(404);
    const path = `/journal-entries/${body.id}`;
    expect((await call(newId(), 'GET', path)).status).toBe(404);
    const undone = await call(tenantId, 'POST', `${path}/reverse`, {});
    expect([undone.status, undone.body.reverses, ...inShort(undone.body)]).toEqual([
      ...[200, body.id],
      ...['5140 0.00 25.00', '1010 25.00 0.00'],
    ]);
    expect((await call(tenantId, 'POST', `${path}/reverse`, {})).body.code).toBe('entry_not_reversible');
  });

  it('that a fact booked is not undone by hand', async () => {
    const tenantId = newId();
    await recon.publish(said('payment.posted', { tenantId, subject: newId(), data: { locator: newId() } }));
    const [entry] = await recon.booked(tenantId, 1);
    const { status, body } = await call(tenantId, 'POST', `/journal-entries/${entry!.id}/reverse`, {});
    expect([status, body.code]).toEqual([409, 'entry_not_reversible']);
  });

  it.each([
    ['an account that is none', { account: '9999', debit: '25.00' }, 'account_not_defined', '/lines/0/account'],
    ['no account', { debit: '25.00' }, 'invalid_request', '/lines/0/account'],
    ['no amount', { role: 'bank_fees' }, 'invalid_request', '/lines/0/debit'],
    ['too many digits', { role: 'bank_fees', debit: '25.001' }, 'invalid_request', '/lines/0/debit'],
  ])('with %s is refused, and nothing is booked', async (_what, first, code, pointer) => {
    const tenantId = newId();
    const { body } = await call(tenantId, 'POST', '/journal-entries', { ...rent, lines: [first, rent.lines[1]] });
    expect([body.code, body.errors[0].pointer]).toEqual([code, pointer]);
    expect(await recon.entries(tenantId)).toEqual([]);
  });

  it('that does not add up is refused', async () => {
    const lines = [rent.lines[0], { account: '1010', credit: '24.99' }];
    const { status, body } = await call(newId(), 'POST', '/journal-entries', { ...rent, lines });
    expect([status, body.code]).toEqual([422, 'entry_unbalanced']);
  });
});

describe('a month that was closed', () => {
  it('takes nothing in: what comes late is booked on the first day after, with its own date kept', async () => {
    const tenantId = newId();
    await call(tenantId, 'POST', '/journal-entries', rent);
    const closed = await call(tenantId, 'POST', '/periods/2025-01/close', {});
    expect(closed.body).toMatchObject({ month: '2025-01', state: 'closed', closedBy: 'ann' });
    const data = { locator: newId(), effectiveDate: '2025-01-03' };
    await recon.publish(said('payment.posted', { tenantId, subject: data.locator, data }));
    const [late] = await recon.booked(tenantId, 2);
    expect(late).toMatchObject({ effectiveDate: '2025-02-01', originalEffectiveDate: '2025-01-03' });
    const at = (await call(tenantId, 'GET', '/trial-balance?at=2025-01-31')).body.USD.accounts;
    expect(at.map(({ code }: { code: string }) => code)).toEqual(['1010', '5140']);
    const sealed = await eventually(async () => {
      recon.service.app.get(FollowLedgerWorker).kick();
      const [, january] = (await call(tenantId, 'GET', '/periods')).body.items;
      return january?.closingHash ? january : undefined;
    });
    expect(sealed).toMatchObject({ month: '2025-01', state: 'closed', closingSize: 1 });
    const [event] = await recon.sql<{ body: Buffer }>(
      `SELECT body FROM event_log WHERE tenant_id = $1 AND type = 'ledger_day.closed'`,
      [tenantId],
    );
    expect(JSON.parse(event!.body.toString()).data).toMatchObject({
      ...{ date: '2025-01-31', entries: 1, hash: sealed.closingHash, openExceptions: 0 },
      totals: [{ source: 'manual', entries: 1, currency: 'USD', amount: '25.00' }],
    });
    const again = await call(tenantId, 'POST', '/periods/2025-01/close', {});
    expect([again.status, again.body.code]).toEqual([409, 'period_closed']);
    expect((await call(tenantId, 'POST', '/periods/2025-13/close', {})).status).toBe(404);
  });

  it('and money of which is returned: whoever closed it is told', async () => {
    const tenantId = newId();
    const [data, fresh] = [newId(), newId()].map((locator) => ({ locator, effectiveDate: '2025-01-03' }));
    for (const each of [data!, fresh!]) {
      await recon.publish(said('payment.posted', { tenantId, subject: each.locator, data: each }));
    }
    await recon.booked(tenantId, 2);
    await call(tenantId, 'POST', '/periods/2025-01/close', {});
    const returned = async ({ locator }: { locator: string }, returnedDate: string) => {
      const back = { scheme: 'ach' as const, code: 'R01', pejorative: false, returnedDate };
      const facts = { locator, return: back };
      await recon.publish(said('payment.returned', { tenantId, subject: locator, sequence: 2, data: facts }));
    };
    await returned(data!, '2025-01-07');
    await returned(fresh!, '2025-02-03');
    await recon.booked(tenantId, 4);
    const { items } = (await call(tenantId, 'GET', '/exceptions?type=return_after_close')).body;
    expect(items).toMatchObject([{ subject: { type: 'payment', id: data!.locator }, amount: '25.67' }]);
  });

  it('waits for who is booking into it, and what they book is in it', async () => {
    const tenantId = newId();
    const { app } = recon.service;
    const amount = { minor: 100n, currency: 'USD' };
    const lines = [line('bank_fees', amount, {}), line('operating_cash', { ...amount, minor: -100n }, {})];
    let closing: ReturnType<typeof call> | undefined;
    await app.get(Database).tx(async (tx) => {
      const about = { tenantId, kind: 'manual_entry', source: { type: 'manual', id: newId() } };
      await app.get(JournalService).record(tx, [{ ...about, effectiveOn: '2025-01-10', lines }]);
      closing = call(tenantId, 'POST', '/periods/2025-01/close', {});
      await eventually(async () => {
        const waits = await recon.sql(`SELECT FROM pg_stat_activity WHERE wait_event = 'advisory'
          AND datname = current_database()`);
        return waits.length > 0;
      });
    });
    expect((await closing)!.body.state).toBe('closed');
    expect((await recon.booked(tenantId, 1))[0]).toMatchObject({ effectiveDate: '2025-01-10' });
  });

  it('softly takes in what a person books as adjusting, and nothing else', async () => {
    const tenantId = newId();
    await call(tenantId, 'POST', '/periods/2025-01/close', { soft: true });
    const plain = await call(tenantId, 'POST', '/journal-entries', rent);
    const adjusting = await call(tenantId, 'POST', '/journal-entries', { ...rent, adjusting: true });
    expect([plain.body.effectiveDate, adjusting.body.effectiveDate]).toEqual(['2025-02-01', '2025-01-31']);
  });
});
