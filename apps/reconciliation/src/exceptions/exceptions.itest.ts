import { newId } from '@quittance/service-kit/id';
import { Database } from '@quittance/service-kit/database/database';
import { eventually } from '@quittance/testing/eventually';
import type { Finding } from '../domain/exception.ts';
import { inShort, startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { CheckLedgerWorker } from '../invariants/check-ledger.worker.ts';
import { BookWriteOffsWorker } from './book-write-offs.worker.ts';
import { ExceptionRepository } from './exception.repository.ts';

type Found = Record<string, any>;

let books: Reconciliation;
beforeAll(async () => {
  books = await startReconciliation();
});
afterAll(() => books.stop());

const DAY_MS = 86_400_000;
const repository = () => books.service.app.get(ExceptionRepository);
const finding = (tenantId: string, more: Partial<Finding> = {}): Finding => ({
  ...{ tenantId, type: 'payout_unbalanced', subject: { type: 'payout', id: newId() }, detail: 'off by something' },
  amount: { minor: 2_567n, currency: 'USD' },
  ...more,
});
/** As a reader, a consumer or a worker finds it. */
async function open(found: Finding, at = new Date()): Promise<string> {
  const rows = await books.service.app.get(Database).tx((tx) => repository().open(tx, [found, found], at));
  return rows[0]!.id;
}
const close = (found: Finding) =>
  books.service.app.get(Database).tx((tx) => repository().close(tx, [found], [found.type], new Date()));

const as = async (tenantId: string, client = 'ann') => books.api(tenantId, ['recon:read', 'recon:write'], client);
const get = async (tenantId: string, path: string) => (await as(tenantId)).get<Found>(path);
async function act(tenantId: string, path: string, body: unknown = {}, client = 'ann') {
  const { status, body: answer } = await (await as(tenantId, client)).post<Found>(`/exceptions/${path}`, body);
  return { status, body: answer };
}
const patch = async (tenantId: string, id: string, body: unknown) =>
  (await as(tenantId)).send<Found>('PATCH', `/exceptions/${id}`, { body });
const told = async (id: string) =>
  (await books.eventsOf(id)).map(({ type, sequence, data }) => [type, Number(sequence), (data as Found)['state']]);
const actions = ({ history }: Found) => (history as Found[]).map(({ action, actor }) => `${action} ${actor ?? '-'}`);

describe('an exception', () => {
  it('is worked on by people, and each step is a line of its history and an event', async () => {
    const tenantId = newId();
    const id = await open(finding(tenantId));
    expect((await patch(tenantId, id, { assignee: 'bob', note: 'yours' })).body).toMatchObject({
      ...{ id, state: 'assigned', assignee: 'bob', amount: '25.67', currency: 'USD' },
    });
    await patch(tenantId, id, { state: 'pending_info' });
    await patch(tenantId, id, { note: 'asked the processor' });
    await patch(tenantId, id, { assignee: null });
    const resolved = await act(tenantId, `${id}/resolve`, { resolution: 'paid_out_late', note: 'seen' });
    expect([resolved.status, resolved.body]).toMatchObject([200, { state: 'resolved', resolution: 'paid_out_late' }]);
    const reopened = await act(tenantId, `${id}/reopen`, { reason: 'not paid after all' });
    expect(reopened.body).toMatchObject({ state: 'open', reopened: 1, resolution: null, closedAt: null });
    const { body } = await get(tenantId, `/exceptions/${id}`);
    expect(actions(body)).toEqual([
      ...['open -', 'assign ann', 'ask_info ann', 'note ann', 'unassign ann', 'resolve ann', 'reopen ann'],
    ]);
    expect(body['history'][1]).toMatchObject({ state: 'assigned', assignee: 'bob', note: 'yours' });
    expect(await told(id)).toEqual([
      ['exception.opened', 1, 'open'],
      ['exception.assigned', 2, 'assigned'],
      ['exception.info_requested', 3, 'pending_info'],
      ['exception.unassigned', 4, 'open'],
      ['exception.resolved', 5, 'resolved'],
      ['exception.reopened', 6, 'open'],
    ]);
    expect(JSON.stringify(await books.eventsOf(id))).not.toMatch(/processor|yours|not paid/);
  });

  it('that became untrue by itself is closed, and opened again it is not opened twice', async () => {
    const tenantId = newId();
    const found = finding(tenantId);
    const id = await open(found);
    await close(found);
    expect(await told(id)).toEqual([
      ['exception.opened', 1, 'open'],
      ['exception.resolved', 2, 'auto_closed'],
    ]);
    const second = await open(found);
    const refused = await act(tenantId, `${id}/reopen`, { reason: 'again' });
    expect([refused.status, refused.body['code']]).toEqual([409, 'invalid_transition']);
    await close(found);
    expect((await act(tenantId, `${id}/reopen`, { reason: 'again' })).status).toBe(200);
    expect((await act(tenantId, `${second}/reopen`, { reason: 'both' })).status).toBe(409);
  });

  it.each<[string, unknown, number, string | undefined]>([
    ['nothing', {}, 400, ''],
    ['an assignee with a name', { assignee: 'Ann Smith' }, 400, '/assignee'],
    ['a state that people do not set', { state: 'resolved' }, 400, '/state'],
    ['what is not known', { owner: 'ann' }, 400, '/owner'],
    ['a card number in a note', { note: 'card 4111 1111 1111 1111' }, 422, '/note'],
    ['taking away what nobody has', { assignee: null }, 409, undefined],
  ])('refuses %s', async (_, body, status, pointer) => {
    const tenantId = newId();
    const id = await open(finding(tenantId));
    const refused = await patch(tenantId, id, body);
    expect([refused.status, refused.body['errors']?.[0]?.['pointer']]).toEqual([status, pointer]);
    expect(actions((await get(tenantId, `/exceptions/${id}`)).body)).toEqual(['open -']);
  });

  it('of another tenant is none', async () => {
    const id = await open(finding(newId()));
    const stranger = newId();
    expect((await get(stranger, `/exceptions/${id}`)).status).toBe(404);
    expect((await patch(stranger, id, { note: 'x' })).status).toBe(404);
    for (const [path, body] of Object.entries({
      ...{ resolve: { resolution: 'x' }, reopen: { reason: 'x' }, 'write-off': { reason: 'x' } },
      ...{ 'write-off/approve': {}, 'write-off/reject': { reason: 'x' } },
    })) {
      expect((await act(stranger, `${id}/${path}`, body)).status).toBe(404);
    }
  });

  it('keeps its history against everybody', async () => {
    await open(finding(newId()));
    for (const statement of ['UPDATE exception_events SET note = $1', 'DELETE FROM exception_events WHERE note = $1']) {
      await expect(books.sql(statement, ['x'])).rejects.toMatchObject({ code: '23001' });
    }
  });

  it('is changed by two people one after the other', async () => {
    const tenantId = newId();
    const id = await open(finding(tenantId));
    const wishes = Array.from({ length: 6 }, (_, n) => patch(tenantId, id, { assignee: `p${n}` }));
    expect(new Set((await Promise.all(wishes)).map(({ status }) => status))).toEqual(new Set([200]));
    expect((await told(id)).map(([, sequence]) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('lists', () => {
  const tenantId = newId();
  const subject = { type: 'payment', id: newId() };
  const ids: string[] = [];
  beforeAll(async () => {
    for (const days of [0, 0, 10, 200]) {
      ids.push(await open(finding(tenantId), new Date(Date.now() - days * DAY_MS)));
    }
    ids.push(await open(finding(tenantId, { type: 'payment_not_settled', subject })));
    await patch(tenantId, ids[1]!, { assignee: 'bob' });
    await act(tenantId, `${ids[3]}/resolve`, { resolution: 'corrected' });
  });
  const listed = async (query: string) => {
    const { body } = await get(tenantId, `/exceptions?${query}`);
    return (body['items'] as Found[]).map(({ id }) => ids.indexOf(id as string)).toSorted();
  };

  it.each([
    ['', [0, 1, 2, 3, 4]],
    ['type=payment_not_settled', [4]],
    ['state=assigned', [1]],
    ['state=resolved&type=payout_unbalanced', [3]],
    ['assignee=bob', [1]],
    [`subjectType=payment&subjectId=${subject.id}`, [4]],
    ['bucket=0-1', [0, 1, 4]],
    ['bucket=6-15', [2]],
    ['bucket=90%2B', []],
    ['bucket=0-1&assignee=bob&limit=1', [1]],
  ])('by %s', async (query, expected) => {
    expect(await listed(query)).toEqual(expected);
  });

  it('in pages, newest first', async () => {
    const first = (await get(tenantId, '/exceptions?limit=3')).body;
    const second = (await get(tenantId, `/exceptions?limit=3&cursor=${first['nextCursor']}`)).body;
    const all = [...(first['items'] as Found[]), ...(second['items'] as Found[])].map(({ id }) => id as string);
    expect(all).toEqual(ids.toReversed());
    expect(second['nextCursor']).toBeNull();
  });

  it.each(['type=nothing', 'state=closed', 'bucket=1', 'cursor=x', 'colour=red'])('refuses %s', async (query) => {
    expect((await get(tenantId, `/exceptions?${query}`)).status).toBe(400);
  });

  it('are counted by type and working days', async () => {
    const none = { '0-1': 0, '2-5': 0, '6-15': 0, '16-30': 0, '31-60': 0, '61-90': 0, '90+': 0 };
    expect((await get(tenantId, '/exceptions/ageing')).body['items']).toEqual([
      { type: 'payment_not_settled', total: 1, overdue: 0, buckets: { ...none, '0-1': 1 } },
      { type: 'payout_unbalanced', total: 3, overdue: 1, buckets: { ...none, '0-1': 2, '6-15': 1 } },
    ]);
  });
});

describe('a write-off', () => {
  const kick = (worker: typeof BookWriteOffsWorker | typeof CheckLedgerWorker) =>
    books.service.app.get<BookWriteOffsWorker | CheckLedgerWorker>(worker).kick();
  async function entries(tenantId: string, count: number) {
    kick(BookWriteOffsWorker);
    return (await books.booked(tenantId, count)).map((entry) => [entry.kind, ...inShort(entry)]);
  }
  const ofAmount = (tenantId: string, minor: bigint) => open(finding(tenantId, { amount: { minor, currency: 'USD' } }));

  it('within the tolerance is one person’s, and booked as a small balance', async () => {
    const tenantId = newId();
    const id = await ofAmount(tenantId, 57n);
    const { body } = await act(tenantId, `${id}/write-off`, { reason: 'rounding' });
    expect(body).toMatchObject({ state: 'written_off', writeOff: { state: 'done', amount: '0.57', account: '1150' } });
    expect(await entries(tenantId, 1)).toEqual([['exception_written_off', '5135 0.57 0.00', '1150 0.00 0.57']]);
  });

  it('above it needs another person, is booked once, and mirrored when it is opened again', async () => {
    const tenantId = newId();
    const id = await ofAmount(tenantId, -50_000n);
    const asked = await act(tenantId, `${id}/write-off`, { reason: 'nobody knows', account: '1100' });
    expect(asked.body).toMatchObject({ state: 'open', writeOff: { state: 'pending', approvalsNeeded: 1 } });
    expect(await act(tenantId, `${id}/write-off`, { reason: 'twice' })).toMatchObject({ status: 409 });
    const own = await act(tenantId, `${id}/write-off/approve`);
    expect([own.status, own.body['code']]).toEqual([409, 'approver_not_independent']);
    const { body } = await act(tenantId, `${id}/write-off/approve`, {}, 'bob');
    expect(body).toMatchObject({ state: 'written_off', writeOff: { state: 'done', approvedBy: ['bob'] } });
    expect(actions(body)).toEqual(['open -', 'request_write_off ann', 'approve_write_off bob', 'write_off bob']);
    const booked = ['exception_written_off', '5130 0.00 500.00', '1100 500.00 0.00'];
    expect(await entries(tenantId, 1)).toEqual([booked]);
    await act(tenantId, `${id}/reopen`, { reason: 'it came back' });
    const mirror = ['exception_write_off_undone', '5130 500.00 0.00', '1100 0.00 500.00'];
    expect(await entries(tenantId, 2)).toEqual([mirror, booked]);
  });

  it('of more than 500.00 needs two, each another one', async () => {
    const tenantId = newId();
    const id = await ofAmount(tenantId, 50_001n);
    await act(tenantId, `${id}/write-off`, { reason: 'lost' });
    const one = await act(tenantId, `${id}/write-off/approve`, {}, 'bob');
    expect(one.body).toMatchObject({ state: 'open', writeOff: { approvalsNeeded: 2, approvedBy: ['bob'] } });
    expect((await act(tenantId, `${id}/write-off/approve`, {}, 'bob')).status).toBe(409);
    expect((await act(tenantId, `${id}/write-off/approve`, {}, 'cas')).body).toMatchObject({ state: 'written_off' });
  });

  it('that was rejected, or that waits while the exception is closed otherwise, is none', async () => {
    const tenantId = newId();
    const found = finding(tenantId);
    const id = await open(found);
    await act(tenantId, `${id}/write-off`, { reason: 'lost' });
    expect((await act(tenantId, `${id}/write-off/reject`, { reason: 'look again' }, 'bob')).status).toBe(200);
    expect((await act(tenantId, `${id}/write-off/approve`, {}, 'bob')).status).toBe(409);
    await act(tenantId, `${id}/write-off`, { reason: 'lost after all' });
    await close(found);
    expect((await act(tenantId, `${id}/write-off/approve`, {}, 'bob')).status).toBe(409);
    const { body } = await get(tenantId, `/exceptions/${id}`);
    expect([body['state'], body['writeOff']]).toEqual(['auto_closed', undefined]);
  });

  it('of what is not about money, or stands nobody knows where, is refused', async () => {
    const tenantId = newId();
    const { amount: _amount, ...plain } = finding(tenantId);
    const nothing = await act(tenantId, `${await open(plain)}/write-off`, { reason: 'x' });
    expect([nothing.status, nothing.body['code']]).toEqual([422, 'write_off_without_amount']);
    const id = await open(finding(tenantId, { type: 'amount_mismatch' }));
    const nowhere = await act(tenantId, `${id}/write-off`, { reason: 'x' });
    expect([nowhere.status, nowhere.body]).toMatchObject([
      422,
      { code: 'write_off_account_needed', errors: [{ pointer: '/account' }] },
    ]);
    expect((await act(tenantId, `${id}/write-off`, { reason: 'x', account: '2010' })).status).toBe(422);
  });

  it('that is marked as booked and is not, is found', async () => {
    const tenantId = newId();
    const id = await ofAmount(tenantId, 10n);
    await act(tenantId, `${id}/write-off`, { reason: 'rounding' });
    await entries(tenantId, 1);
    await books.sql(
      `UPDATE exception_write_offs SET booked_at = NULL, state = 'withdrawn', done_on = NULL
                      WHERE tenant_id = $1`,
      [tenantId],
    );
    kick(CheckLedgerWorker);
    const broken = await eventually(async () => {
      const { body } = await get(tenantId, '/invariants');
      return (body['items'] as Found[]).find(({ holds }) => holds === false);
    });
    expect(broken).toMatchObject({ id: 'write_off_booked', violations: 1 });
    const { body } = await get(tenantId, '/exceptions?type=ledger_integrity');
    expect(body['items']).toMatchObject([{ subject: { type: 'invariant', id: 'write_off_booked' } }]);
    const others = (await get(newId(), '/invariants')).body['items'] as Found[];
    expect(others.every(({ holds }) => holds === true)).toBe(true);
  });
});
