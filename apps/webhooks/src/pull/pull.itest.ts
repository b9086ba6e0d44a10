import { Webhook } from 'standardwebhooks';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { FanOutService } from '../deliveries/fan-out.service.ts';
import { firstIdAt } from '../domain/message.ts';
import { eventOf, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';
import { PullWaits } from './pull-waits.ts';

let infrastructure: Infrastructure;
let service: RunningService;
let db: Database;
let fanOut: FanOutService;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await startWebhooks(infrastructure.env({ DB_POOL_MAX: '12' }));
  db = service.app.get(Database);
  fanOut = service.app.get(FanOutService);
});
afterAll(async () => {
  await service.stop();
  await infrastructure.stop();
});
beforeEach(async () => {
  tenantId = newId();
  api = await infrastructure.api(service.url, tenantId);
});

interface Item {
  id: string;
  type: string;
  headers: Record<string, string>;
  body: string;
}
interface Page {
  items: Item[];
  nextCursor: string;
  hasMore: boolean;
}

const consumer = async (body: object = {}) =>
  (await api.post<{ id: string; secret: string }>('/webhook-poll', { name: 'books', ...body })).body;
const pull = async (id: string, query: Record<string, string | number> = {}) => {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]),
  );
  return (await api.get<Page>(`/webhook-poll/${id}?${search.toString()}`)).body;
};
const ids = ({ items }: Page) => items.map(({ id }) => id);
const publish = async (body: object = {}) =>
  (await api.post<{ id: string }>('/webhook-messages', { type: 'custom.thing.done', data: {}, ...body })).body.id;
const event = (over: object = {}) => eventOf('payment.posted', tenantId, over);
const store = (tx: Tx, id: string) => fanOut.fanOut(tx, [event({ id })]);
/** As a UUIDv7 of that many milliseconds ago. */
const idOf = (agoMs: number) => firstIdAt(Date.now() - agoMs).slice(0, 14) + newId().slice(14);

describe('a pull consumer', () => {
  it('gets what an endpoint would be sent, byte for byte and signed, in order, and no delivery is made', async () => {
    const { id, secret } = await consumer();
    const events = [event(), event(), event()];
    await infrastructure.publish(events);
    const page = await eventually(async () => {
      const found = await pull(id);
      expect(found.items).toHaveLength(3);
      return found;
    });
    expect(ids(page)).toEqual(events.map((each) => each.id));
    for (const [at, { headers, body, type }] of page.items.entries()) {
      expect(type).toBe('payment.posted');
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      expect(JSON.parse(body)).toMatchObject({ id: events[at]!.id, data: events[at]!.data });
      expect(headers).toMatchObject({ 'webhook-id': events[at]!.id, 'webhook-sequence': '1' });
    }
    const { rows } = await infrastructure.admin.query('SELECT id FROM deliveries WHERE tenant_id = $1', [tenantId]);
    expect(rows).toEqual([]);
  });

  it('gets only the types that it names, those of the tenant too, and never another tenant’s', async () => {
    const { id } = await consumer({ eventTypes: ['custom.b.done', 'payment.failed'] });
    const other = await infrastructure.api(service.url, newId());
    await other.post('/webhook-messages', { type: 'custom.b.done', data: {} });
    await publish({ type: 'custom.a.done' });
    const wanted = await publish({ type: 'custom.b.done' });
    expect(ids(await pull(id))).toEqual([wanted]);
  });

  it('asks as an endpoint does: by patterns, channels and a filter, and for ids only', async () => {
    const asked = { eventTypes: ['custom.claim.*'], channels: ['policy:P-1'], filter: { 'data.sum': { $gte: 10 } } };
    const { id, secret } = await consumer({ ...asked, contentMode: 'thin' });
    const claim = {
      type: 'custom.claim.opened',
      data: { claimId: 'C-1', sum: 12, note: 'x' },
      channels: ['policy:P-1'],
    };
    await publish({ ...claim, type: 'custom.other.opened' });
    await publish({ ...claim, channels: ['policy:P-2'] });
    await publish({ ...claim, data: { ...claim.data, sum: 9 } });
    const wanted = await publish(claim);
    const page = await pull(id);
    expect(ids(page)).toEqual([wanted]);
    const { body, headers } = page.items[0]!;
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ id: wanted, data: { claimId: 'C-1' } });
    expect(body).not.toContain('note');
  });

  it('finds what it asks for behind a thousand messages that it does not', async () => {
    const [{ id }, strict] = [
      await consumer({ eventTypes: ['custom.b'] }),
      await consumer({ filter: { 'data.x': 1 } }),
    ];
    for (let n = 0; n < 6; n += 1)
      await db.tx((tx) =>
        fanOut.fanOut(
          tx,
          Array.from({ length: 200 }, () => event()),
        ),
      );
    const wanted = await publish({ type: 'custom.b', data: { x: 1 } });
    expect(ids(await pull(id))).toEqual([wanted]);
    // A filter looks into each body: it gets as far as it may in one request, and says that there is more.
    const first = await pull(strict.id);
    expect([first.items, first.hasMore]).toEqual([[], true]);
    expect(ids(await pull(strict.id, { cursor: first.nextCursor }))).toEqual([wanted]);
  });

  it('begins with what is stored after it', async () => {
    await consumer();
    await publish();
    const { id } = await consumer();
    const later = await publish();
    expect(ids(await pull(id))).toEqual([later]);
  });

  it('400: names what is wrong, and nothing is stored', async () => {
    const answer = await api.post<any>('/webhook-poll', { name: '', eventTypes: [], secret: 'mine' });
    expect(answer.status).toBe(400);
    const pointers = answer.body.errors.map(({ pointer }: any) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/name', '/eventTypes', '/secret']));
    const unknown = await api.post<any>('/webhook-poll', { name: 'x', eventTypes: ['payment.exploded'] });
    expect([unknown.status, unknown.body.errors[0].pointer]).toEqual([400, '/eventTypes/0']);
    expect((await api.get<any>('/webhook-poll')).body.items).toEqual([]);
  });

  it('its secret is shown once, also in the replay, and is nowhere in plain text', async () => {
    const key = { 'idempotency-key': newId() };
    const first = await api.post<any>('/webhook-poll', { name: 'books' }, key);
    expect((await api.post<any>('/webhook-poll', { name: 'books' }, key)).body).toEqual(first.body);
    const list = await api.get<any>('/webhook-poll');
    expect(list.body.items).toEqual([
      {
        ...{ id: first.body.id, name: 'books', eventTypes: null, channels: null, filter: null, contentMode: 'full' },
        ...{ payloadVersion: 1, acknowledgedAt: null, createdAt: expect.any(String) },
      },
    ]);
    const { rows } = await infrastructure.admin.query(
      `SELECT (SELECT string_agg(k::text, ' ') FROM idempotency_keys k) || (SELECT string_agg(p::text, ' ')
         FROM pull_consumers p) AS everything`,
    );
    expect(rows[0].everything).not.toContain(first.body.secret.slice('whsec_'.length));
  });

  it('removed, it is gone, and its tenant’s messages get no places any more', async () => {
    const { id } = await consumer();
    expect((await api.send('DELETE', `/webhook-poll/${id}`)).status).toBe(200);
    expect((await api.get(`/webhook-poll/${id}`)).status).toBe(404);
    const message = await publish();
    const { rows } = await infrastructure.admin.query('SELECT position FROM messages WHERE id = $1', [message]);
    expect(rows).toEqual([{ position: null }]);
  });
});

describe('a cursor', () => {
  it('commits when it is asked with: until then the same comes again', async () => {
    const { id } = await consumer();
    const [a, b] = [await publish(), await publish()];
    const first = await pull(id, { limit: 1 });
    expect([ids(first), first.hasMore]).toEqual([[a], true]);
    expect(ids(await pull(id, { limit: 1 }))).toEqual([a]);
    const second = await pull(id, { cursor: first.nextCursor });
    expect([ids(second), second.hasMore]).toEqual([[b], false]);
    // Its cursor is lost: it goes on after what it acknowledged last.
    expect(ids(await pull(id))).toEqual([b]);
    expect(ids(await pull(id, { cursor: second.nextCursor }))).toEqual([]);
    expect(ids(await pull(id))).toEqual([]);
  });

  it('an older one reads again and takes nothing back', async () => {
    const { id } = await consumer();
    const start = await pull(id);
    const [a, b] = [await publish(), await publish()];
    const end = await pull(id, { cursor: start.nextCursor });
    await pull(id, { cursor: end.nextCursor });
    expect(ids(await pull(id, { cursor: start.nextCursor }))).toEqual([a, b]);
    expect(ids(await pull(id))).toEqual([]);
  });

  it('400: of another consumer, or of a place that nobody was at: it would skip what is still to come', async () => {
    const [one, two] = [await consumer(), await consumer()];
    await publish();
    const { nextCursor } = await pull(two.id);
    const ahead = Buffer.from(`1:${one.id}/999`).toString('base64url');
    for (const cursor of [nextCursor, ahead, 'x', '']) {
      const { status, body } = await api.get<any>(`/webhook-poll/${one.id}?cursor=${cursor}`);
      expect([cursor, status, body.errors[0].parameter]).toEqual([cursor, 400, 'cursor']);
    }
    expect((await pull(one.id)).items).toHaveLength(1);
  });

  it.each(['wait=21', 'wait=-1', 'wait=x', 'limit=0', 'limit=501', 'size=1'])('400: %s', async (query) => {
    const { id } = await consumer();
    const { status, body } = await api.get<any>(`/webhook-poll/${id}?${query}`);
    expect([status, body.errors[0].parameter]).toEqual([400, query.split('=')[0]]);
  });
});

/** What a reader of ids would ask next: the mistake that places are there against. */
const nextById = async (last: string) => {
  const { rows } = await infrastructure.admin.query(
    'SELECT id FROM messages WHERE tenant_id = $1 AND id > $2 ORDER BY id',
    [tenantId, last],
  );
  return rows.map((row) => row.id as string);
};

describe('messages that commit out of the order of their ids', () => {
  it('one that comes late with an old id is not skipped; a cursor by id would never see it', async () => {
    const { id } = await consumer();
    const young = newId();
    await db.tx((tx) => store(tx, young));
    const first = await pull(id);
    expect(ids(first)).toEqual([young]);
    const old = idOf(3_600_000);
    await db.tx((tx) => store(tx, old));
    expect(await nextById(young)).toEqual([]);
    expect(ids(await pull(id, { cursor: first.nextCursor }))).toEqual([old]);
  });

  it('one that is stored first and commits last holds back those after it, and nothing is skipped', async () => {
    const { id } = await consumer();
    const [older, younger] = [newId(), newId()];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: stored, resolve: isStored } = Promise.withResolvers<void>();
    const slow = db.tx(async (tx) => {
      await store(tx, older);
      isStored();
      await released;
    });
    await stored;
    let isYoungerCommitted = false;
    const fast = db.tx((tx) => store(tx, younger)).then(() => (isYoungerCommitted = true));
    await eventually(async () => {
      const { rows } = await infrastructure.admin.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length === 1;
    });
    const meanwhile = await pull(id);
    expect([meanwhile.items, isYoungerCommitted]).toEqual([[], false]);
    release();
    await Promise.all([slow, fast]);
    expect(ids(await pull(id, { cursor: meanwhile.nextCursor }))).toEqual([older, younger]);
  });

  it('many writers, some of which fail, and a reader all the while: every committed one comes once', async () => {
    const { id } = await consumer();
    // The last id is written first, so that whoever reads by ids has gone past all the others.
    const all = Array.from({ length: 60 }, (_, at) => idOf(at * 60_000));
    const kept = all.filter((_, at) => at % 7 !== 3);
    const seen: string[] = [];
    let cursor = (await pull(id)).nextCursor;
    const read = async () => {
      const page = await pull(id, { cursor, limit: 7 });
      cursor = page.nextCursor;
      seen.push(...ids(page));
    };
    await db.tx((tx) => store(tx, all[0]!));
    await read();
    expect(seen).toEqual([all[0]]);
    const write = (message: string) =>
      db.tx(async (tx) => {
        await store(tx, message);
        if (!kept.includes(message)) throw new Error('rolled back');
      });
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (const message of all.slice(1).filter((_each, at) => at % 6 === writer)) {
        await write(message).catch(() => undefined);
      }
    });
    let isWritten = false;
    const written = Promise.all(writers).then(() => (isWritten = true));
    while (!isWritten) await read();
    await written;
    await eventually(async () => {
      await read();
      return seen.length >= kept.length;
    });
    expect(seen.toSorted()).toEqual(kept.toSorted());
    expect(await nextById(all[0]!)).toEqual([]);
  });

  it('batches of several tenants in any order do not wait for each other for ever', async () => {
    const tenants = [tenantId, newId(), newId()];
    const apis = await Promise.all(tenants.map((each) => infrastructure.api(service.url, each)));
    for (const each of apis) expect((await each.post('/webhook-poll', { name: 'books' })).status).toBe(201);
    const batch = (from: number) =>
      tenants.map((_, at) => eventOf('payment.posted', tenants[(at + from) % tenants.length]!));
    await Promise.all(Array.from({ length: 30 }, (_, from) => db.tx((tx) => fanOut.fanOut(tx, batch(from)))));
    const { rows } = await infrastructure.admin.query(
      `SELECT count(*)::int AS n, count(DISTINCT position)::int AS places, max(position)::int AS last FROM messages
        WHERE tenant_id = ANY($1) GROUP BY tenant_id`,
      [tenants],
    );
    expect(rows).toEqual(tenants.map(() => ({ n: 30, places: 30, last: 30 })));
  });
});

describe('waiting', () => {
  const waiting = () => eventually(() => (service.app.get(PullWaits).of(tenantId) > 0 ? true : undefined));

  it('ends with the message that comes', async () => {
    const { id } = await consumer();
    const asked = pull(id, { wait: 20 });
    await waiting();
    const message = await publish();
    expect(ids(await asked)).toEqual([message]);
  });

  it('goes on after a message that it does not want', async () => {
    const { id } = await consumer({ eventTypes: ['custom.b.done'] });
    const asked = pull(id, { wait: 20 });
    await waiting();
    await publish({ type: 'custom.a.done' });
    await waiting();
    const wanted = await publish({ type: 'custom.b.done' });
    expect(ids(await asked)).toEqual([wanted]);
  });

  it('notices what another process stored', async () => {
    const { id } = await consumer();
    const asked = pull(id, { wait: 20 });
    await waiting();
    const message = newId();
    await infrastructure.admin.query(
      `WITH placed AS (UPDATE pull_positions SET last_position = last_position + 1 WHERE tenant_id = $1
                       RETURNING last_position)
       INSERT INTO messages (tenant_id, id, event_type, subject, occurred_at, body, position)
       SELECT $1, $2, 'payment.posted', 's', now(), '{}', last_position FROM placed`,
      [tenantId, message],
    );
    expect(ids(await asked)).toEqual([message]);
  });

  it('ends when its time is over, with where to go on', async () => {
    const { id } = await consumer();
    const page = await pull(id, { wait: 1 });
    expect(page).toEqual({ items: [], nextCursor: expect.any(String), hasMore: false });
  });

  it('ends when nobody listens any more', async () => {
    const { id } = await consumer();
    const gone = new AbortController();
    const token = await infrastructure.issuer.mint({ audience: 'webhooks', tenantId, scopes: ['webhooks:read'] });
    const headers = { authorization: `Bearer ${token}` };
    const asked = fetch(`${service.url}/webhook-poll/${id}?wait=20`, { headers, signal: gone.signal });
    await waiting();
    gone.abort();
    await expect(asked).rejects.toThrow();
    await eventually(() => (service.app.get(PullWaits).of(tenantId) === 0 ? true : undefined));
  });

  it('is for fifty requests of a tenant at once: the next one is told to come back', async () => {
    const { id } = await consumer();
    const waits = service.app.get(PullWaits);
    const leave = new AbortController();
    const others = Array.from({ length: 50 }, () => waits.next(tenantId, 60_000, leave.signal));
    const refused = await api.get<any>(`/webhook-poll/${id}?wait=5`);
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
    expect((await api.get(`/webhook-poll/${id}`)).status).toBe(200);
    leave.abort();
    await Promise.all(others);
    expect(waits.of(tenantId)).toBe(0);
  });
});
