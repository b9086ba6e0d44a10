import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import type { NewItem } from '../domain/item.ts';
import { inShort, startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { ItemRepository } from './item.repository.ts';
import { MatchingService } from './matching.service.ts';
import { shuffled, truth } from './truth.fixture.ts';

const set = 'settlement_batch_deposit' as const;
let recon: Reconciliation;
beforeAll(async () => {
  recon = await startReconciliation({ MATCH_FOUR_EYES_ABOVE: '1000.00' });
});
afterAll(() => recon.stop());

const tx = <T>(work: Parameters<Database['tx']>[0]) => recon.service.app.get(Database).tx(work) as Promise<T>;
const add = (items: readonly NewItem[]) => tx((open) => recon.service.app.get(ItemRepository).add(open, items));
const run = (tenantId: string, kind: 'full' | 'news' = 'news', of: NewItem['set'] = set) =>
  tx((open) => recon.service.app.get(MatchingService).run(open, { tenantId, set: of, kind }));
const item = (tenantId: string, side: 'A' | 'B', id: string, amount: bigint, rest: Partial<NewItem> = {}): NewItem => ({
  ...{ tenantId, set, side, source: { type: 'test', id }, account: '*', currency: 'USD', amount },
  ...{ datedOn: '2026-07-01', ...rest },
});
const api = (tenantId: string, clientId = 'ann') => recon.api(tenantId, ['recon:read', 'recon:write'], clientId);
const call = async (tenantId: string, method: string, path: string, body?: unknown, clientId?: string) =>
  (await api(tenantId, clientId)).send<any>(method, path, body === undefined ? {} : { body });

/** Confirmed matches as the sources of both sides, in order. */
async function pairsOf(tenantId: string): Promise<string[]> {
  const rows = await recon.sql<{ pair: string }>(
    `SELECT concat(string_agg(i.source_id, '+' ORDER BY i.source_id) FILTER (WHERE i.side = 'A'), '=',
                   string_agg(i.source_id, '+' ORDER BY i.source_id) FILTER (WHERE i.side = 'B')) AS pair
       FROM matches m JOIN items i ON i.tenant_id = m.tenant_id AND i.match_id = m.id
      WHERE m.tenant_id = $1 AND m.state = 'confirmed' GROUP BY m.id ORDER BY 1`,
    [tenantId],
  );
  return rows.map(({ pair }) => pair);
}
const itemsOf = (tenantId: string) =>
  recon.sql<{ id: string; source_id: string; state: string; match_id: string | null }>(
    'SELECT id, set_name, source_id, state, match_id, withdrawn_by FROM items WHERE tenant_id = $1 ORDER BY id',
    [tenantId],
  );
const idOf = async (tenantId: string, source: string) =>
  (await itemsOf(tenantId)).find(({ source_id }) => source_id === source)!.id;

describe('a run', () => {
  it('confirms what is sure and nothing else, whatever came first, and however many run at once', async () => {
    const [whole, dribbled] = [newId(), newId()];
    const { items, sure } = truth(whole, 400);
    await add(items);
    await run(whole, 'full');
    const portions = shuffled(truth(dribbled, 400).items, 3);
    for (let at = 0; at < portions.length; at += 100) {
      await add(portions.slice(at, at + 100));
      await Promise.all(Array.from({ length: 8 }, () => run(dribbled)));
    }
    const pairs = await pairsOf(whole);
    const wrong = pairs.filter((pair) => {
      const [a = '', b = ''] = pair.split('=');
      return a.split('+').some((each) => familyOf(sure.get(each)) !== familyOf(b.split('+')[0]));
    });
    expect(wrong).toEqual([]);
    expect(pairs.flatMap((pair) => pair.split('=')[0]!.split('+')).toSorted()).toEqual([...sure.keys()].toSorted());
    expect((await pairsOf(dribbled)).map(familiesOf).toSorted()).toEqual(pairs.map(familiesOf).toSorted());
    const states = async (tenantId: string) =>
      (await itemsOf(tenantId)).map(({ source_id, state }) => `${source_id} ${state}`).toSorted();
    expect(await states(dribbled)).toEqual(await states(whole));
    const held = await recon.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM (SELECT unnest(a_items || b_items) AS item FROM matches
        WHERE tenant_id = ANY ($1) AND state = 'confirmed' GROUP BY tenant_id, 1 HAVING count(*) > 1) twice`,
      [[whole, dribbled]],
    );
    expect(held).toEqual([{ n: 0 }]);
  });

  it('suggests what is likely: the only amount of those days, and one that is a little short', async () => {
    const tenantId = newId();
    await add([
      item(tenantId, 'A', 'near', 5_000n),
      item(tenantId, 'B', 'day', 5_000n, { datedOn: '2026-07-03' }),
      item(tenantId, 'A', 'whole', 7_000n),
      item(tenantId, 'B', 'short', 6_990n, { datedOn: '2026-07-02' }),
      item(tenantId, 'B', 'early', 5_000n, { datedOn: '2026-06-30' }),
    ]);
    await run(tenantId, 'full');
    const { body } = await call(tenantId, 'GET', `/suggestions?set=${set}`);
    const [near, tolerance] = [body.items.at(-1), body.items[0]];
    expect(body.items).toHaveLength(2);
    expect(near).toMatchObject({ rule: 'amount_date', score: 78, difference: '0.00', evidence: { days: 2 } });
    expect(tolerance).toMatchObject({ rule: 'tolerance', score: 60, difference: '0.10' });
    expect(near.items).toEqual([await idOf(tenantId, 'near'), await idOf(tenantId, 'day')]);
    expect(await pairsOf(tenantId)).toEqual([]);
    const path = `/suggestions/${near.id}/reject`;
    expect((await call(tenantId, 'POST', path, { reason: 'Another one' })).status).toBe(204);
    expect((await call(tenantId, 'POST', path, { reason: 'Another one' })).status).toBe(404);
    await run(tenantId, 'full');
    const again = (await call(tenantId, 'GET', `/suggestions?set=${set}`)).body.items;
    expect(again.map(({ rule }: { rule: string }) => rule)).toEqual(['tolerance']);
  });

  it('suggests what one party owes of a day, and the only few that make up a line', async () => {
    const tenantId = newId();
    const of = { set: 'deposit_invoice' as const, party: 'Acme' };
    await add([
      ...[100n, 250n].map((n) => item(tenantId, 'A', `day${n}`, n, { ...of, datedOn: '2026-07-02' })),
      item(tenantId, 'B', 'sum', 350n, of),
      ...[1_100n, 2_300n, 4_900n].map((n, i) =>
        item(tenantId, 'A', `part${n}`, n, { ...of, datedOn: `2026-07-1${i}` }),
      ),
      item(tenantId, 'B', 'subset', 6_000n, of),
    ]);
    await run(tenantId, 'full', 'deposit_invoice');
    const { body } = await call(tenantId, 'GET', '/suggestions?set=deposit_invoice');
    const names = new Map((await itemsOf(tenantId)).map(({ id, source_id }) => [id, source_id]));
    const found = body.items.map(({ rule, items }: { rule: string; items: string[] }) => [
      rule,
      ...items.map((id) => names.get(id)),
    ]);
    expect(found.toSorted()).toEqual([
      ['party_day', 'day100', 'day250', 'sum'],
      ['subset_sum', 'part1100', 'part4900', 'subset'],
    ]);
  });

  it('asks a person about one reference with two amounts, until it is matched', async () => {
    const tenantId = newId();
    await add([
      item(tenantId, 'A', 'a', 10_000n, { reference: 'po-1' }),
      item(tenantId, 'B', 'b', 9_500n, { reference: 'PO 1' }),
    ]);
    await run(tenantId);
    const exceptions = async () => (await call(tenantId, 'GET', '/exceptions?type=amount_mismatch')).body.items;
    expect(await exceptions()).toMatchObject([{ amount: '5.00', subject: { type: 'test', id: 'a' }, state: 'open' }]);
    const items = [await idOf(tenantId, 'a'), await idOf(tenantId, 'b')];
    const refused = await call(tenantId, 'POST', '/matches', { items });
    expect([refused.status, refused.body.code, refused.body.errors[0].pointer]).toEqual([
      422,
      'match_unbalanced',
      '/differenceReason',
    ]);
    const proposed = await call(tenantId, 'POST', '/matches', { items, differenceReason: 'bank_charge' });
    expect(proposed.body).toMatchObject({ state: 'proposed', difference: '5.00', createdBy: 'ann' });
    const path = `/matches/${proposed.body.id}`;
    expect((await call(tenantId, 'POST', `${path}/confirm`)).body.code).toBe('approver_not_independent');
    expect((await call(tenantId, 'POST', `${path}/confirm`, undefined, 'bob')).body).toMatchObject({
      state: 'confirmed',
      confirmedBy: 'bob',
    });
    expect(await exceptions()).toMatchObject([{ state: 'auto_closed' }]);
    const [entry] = await recon.booked(tenantId, 1);
    expect([entry!.kind, ...inShort(entry!)]).toEqual(['match_difference', '5140 5.00 0.00', '1020 0.00 5.00']);
    const forced = await recon.eventsOf(proposed.body.id);
    expect(forced).toMatchObject([
      { type: 'match.forced', sequence: '0000000001', data: { differenceReason: 'bank_charge' } },
    ]);
    await call(tenantId, 'POST', `${path}/unmatch`, { reason: 'Not this one' });
    await recon.booked(tenantId, 2);
    expect((await call(tenantId, 'GET', '/trial-balance')).body.USD.accounts.map((each: any) => each.balance)).toEqual([
      '0.00',
      '0.00',
    ]);
  });
});

describe('a match by hand', () => {
  it('is taken back as if it had never been, and not found again', async () => {
    const tenantId = newId();
    await add([
      item(tenantId, 'A', 'a', 10_000n, { reference: 'po-1' }),
      item(tenantId, 'B', 'b', 10_000n, { reference: 'po-1' }),
    ]);
    const before = await itemsOf(tenantId);
    await run(tenantId);
    const [match] = (await call(tenantId, 'GET', `/matches?set=${set}&state=confirmed`)).body.items;
    expect(match).toMatchObject({ rule: 'reference', score: 100, amount: '100.00', createdBy: null });
    const path = `/matches/${match.id}/unmatch`;
    expect((await call(tenantId, 'POST', path, {})).body.errors[0].pointer).toBe('/reason');
    expect((await call(tenantId, 'POST', path, { reason: 'Not these' })).body).toMatchObject({
      state: 'reverted',
      endedBy: 'ann',
    });
    expect(await itemsOf(tenantId)).toEqual(before);
    await run(tenantId, 'full');
    expect(await itemsOf(tenantId)).toEqual(before);
    expect((await call(tenantId, 'POST', path, { reason: 'Again' })).body.code).toBe('invalid_transition');
    await eventually(async () => (await recon.eventsOf(match.id)).length === 2);
    expect((await recon.eventsOf(match.id)).map(({ type }) => type)).toEqual(['match.confirmed', 'match.reverted']);
  });

  it('of two who want the same item one gets it; what is proposed and declined never held', async () => {
    const tenantId = newId();
    await add([
      item(tenantId, 'A', 'a', 900n),
      ...['b', 'c'].map((id) => item(tenantId, 'B', id, 900n)),
      item(tenantId, 'A', 'large', 200_000n),
      item(tenantId, 'B', 'much', 200_000n),
    ]);
    const ids = new Map((await itemsOf(tenantId)).map(({ source_id, id }) => [source_id, id]));
    const want = (...names: string[]) =>
      call(tenantId, 'POST', '/matches', { items: names.map((name) => ids.get(name)) });
    const answers = await Promise.all([want('a', 'b'), want('a', 'c')]);
    expect(answers.map(({ status, body }) => body.code ?? status).toSorted()).toEqual([201, 'item_not_open']);
    const { body } = await want('large', 'much');
    expect(body).toMatchObject({ state: 'proposed' });
    expect(
      (await call(tenantId, 'POST', `/matches/${body.id}/unmatch`, { reason: 'No', reject: false })).body.state,
    ).toBe('declined');
    expect((await itemsOf(tenantId)).filter(({ source_id }) => ['large', 'much'].includes(source_id))).toMatchObject([
      { state: 'open' },
      { state: 'open' },
    ]);
    expect(await recon.eventsOf(body.id)).toEqual([]);
  });

  it('takes a line of a bank out of the other sets, and gives it back', async () => {
    const tenantId = newId();
    const line = { source: { type: 'bank_line', id: newId() } };
    await add([
      item(tenantId, 'A', 'payout', 700n, { reference: 'po-7' }),
      item(tenantId, 'B', '', 700n, { ...line, reference: 'po-7' }),
      item(tenantId, 'B', '', 700n, { ...line, set: 'deposit_invoice' }),
    ]);
    await run(tenantId);
    expect((await itemsOf(tenantId)).map(({ state }) => state)).toEqual(['matched', 'matched', 'withdrawn']);
    const [match] = (await call(tenantId, 'GET', '/matches')).body.items;
    await call(tenantId, 'POST', `/matches/${match.id}/unmatch`, { reason: 'No' });
    expect((await itemsOf(tenantId)).map(({ state }) => state)).toEqual(['open', 'open', 'open']);
  });
});

describe('rules', () => {
  it('are set in versions, and a dry run counts by them and changes nothing', async () => {
    const tenantId = newId();
    await add([
      item(tenantId, 'A', 'a', 900n, { reference: 'x1' }),
      item(tenantId, 'B', 'b', 900n, { reference: 'x1' }),
    ]);
    await recon.sql('DELETE FROM item_news WHERE tenant_id = $1', [tenantId]);
    const before = await itemsOf(tenantId);
    const bad = { rules: [{ pass: 'tolerance', auto: true }, { pass: 'reference' }] };
    const refused = await call(tenantId, 'PUT', `/recon-sets/${set}/rules`, bad);
    expect(refused.body.errors.map(({ pointer }: any) => pointer)).toEqual([
      '/rules/0/auto',
      '/rules/0/daysAfter',
      '/rules/0/toleranceMinor',
    ]);
    expect((await call(tenantId, 'PUT', '/recon-sets/nothing/rules', { rules: [] })).status).toBe(404);
    const rules = [{ pass: 'reference', auto: true, daysBefore: 0, daysAfter: 9 }];
    expect((await call(tenantId, 'PUT', `/recon-sets/${set}/rules`, { rules })).body).toMatchObject({
      version: 1,
      rules,
    });
    const sets = (await call(tenantId, 'GET', '/recon-sets')).body.items;
    expect(sets.map(({ version }: any) => version).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 1]);
    const asked = await call(tenantId, 'POST', '/recon-runs', { set, dryRun: true });
    expect(asked).toMatchObject({ status: 201, body: { state: 'queued', dryRun: true, requestedBy: 'ann' } });
    const done = async () => {
      const { body } = await call(tenantId, 'GET', `/recon-runs/${asked.body.id}`);
      return body.state === 'done' && body;
    };
    const counts = { confirmed: { reference: 1 }, suggested: {}, differences: 0 };
    expect(await eventually(done)).toMatchObject({ rulesVersion: 1, counts });
    expect(await itemsOf(tenantId)).toEqual(before);
    expect((await call(tenantId, 'GET', '/matches')).body.items).toEqual([]);
  });

  it("another tenant's are not found", async () => {
    const [tenantId, other] = [newId(), newId()];
    await add([item(tenantId, 'A', 'a', 900n), item(tenantId, 'B', 'b', 900n, { datedOn: '2026-07-02' })]);
    await run(tenantId, 'full');
    const ids = (await itemsOf(tenantId)).map(({ id }) => id);
    const [suggestion] = (await call(tenantId, 'GET', '/suggestions')).body.items;
    const { body: match } = await call(tenantId, 'POST', '/matches', { items: ids });
    expect((await call(other, 'GET', '/suggestions')).body.items).toEqual([]);
    expect((await call(other, 'GET', '/matches')).body.items).toEqual([]);
    expect((await call(other, 'POST', `/suggestions/${suggestion.id}/reject`, { reason: 'x' })).status).toBe(404);
    for (const path of ['confirm', 'unmatch']) {
      expect(
        (await call(other, 'POST', `/matches/${match.id}/${path}`, path === 'unmatch' ? { reason: 'x' } : undefined))
          .status,
      ).toBe(404);
    }
    expect((await call(other, 'POST', '/matches', { items: ids })).body.code).toBe('match_not_possible');
  });
});

/** Twins of one reference and amount are the same thing to anybody. */
const familyOf = (id: string | undefined) => id?.split('.')[0];
const familiesOf = (pair: string) => pair.replace(/\.\d/g, '');
