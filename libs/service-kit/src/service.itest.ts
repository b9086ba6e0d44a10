import { Body, Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { encode, headersOf } from '@quittance/events/envelope';
import { sampleOf } from '@quittance/events/catalogue';
import { sampleEvent } from '@quittance/events/samples';
import { eventually } from '@quittance/testing/eventually';
import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { TokenIssuer } from '@quittance/testing/tokens';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { IsString } from 'class-validator';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createService, runService } from './bootstrap.ts';
import type { RunningService } from './bootstrap.ts';
import { readConfig } from './config/load-config.ts';
import { ServiceConfig } from './config/service-config.ts';
import { createKitTables } from './database/kit-tables.ts';
import { Database } from './database/database.ts';
import { tenantTable } from './database/tenant-table.ts';
import type { Tx } from './database/tx.ts';
import { Caller, RequireScope } from './http/auth.ts';
import { Once } from './http/once.ts';
import type { ProblemDocument } from './http/problem.ts';
import { newId } from './id.ts';
import { kitModule } from './kit.module.ts';
import { EventPattern } from './messaging/event-pattern.ts';
import { Outbox } from './messaging/outbox.ts';
import { PoisonError } from './messaging/poison.ts';
import { describeService } from './openapi.ts';

/** The table of the toy service beside the kit's own. */
class CreateNotes1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const notes = `CREATE TABLE notes (tenant_id uuid, id uuid, note text NOT NULL, PRIMARY KEY (tenant_id, id))`;
    for (const sql of [...createKitTables('payments'), notes, ...tenantTable('payments', 'notes')])
      await runner.query(sql);
  }

  async down(): Promise<void> {}
}

class CreateNote {
  @IsString()
  note: string;
}

const INSERT = `INSERT INTO notes (tenant_id, id, note) VALUES ($1, $2, $3)`;
/** What a test may hold open: a request or a batch that is running. */
let gate: Promise<void> | undefined;
/** Called when work stands before the gate. */
let atGate: () => void = () => undefined;
let writing = 0;

@Controller('notes')
class NotesController {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
  ) {}

  @Post()
  @RequireScope('payments:write')
  create(@Body() dto: CreateNote, @Once() once: Once) {
    return once(async (tx, { tenantId }) => {
      const id = newId();
      await tx.execute(INSERT, [tenantId, id, dto.note]);
      writing++;
      atGate();
      await gate;
      const event = { type: 'payment.posted', subject: id, sequence: 1, data: sampleOf('payment.posted') } as const;
      await this.outbox.append(tx, [{ ...event, tenantId, time: new Date() }]);
      return { id, note: dto.note };
    });
  }

  @Post('move')
  @HttpCode(200)
  @RequireScope('payments:write')
  move(@Body() dto: CreateNote, @Once({ required: true }) once: Once) {
    return once(() => Promise.resolve({ moved: dto.note }));
  }

  @Get()
  @RequireScope('payments:read')
  async list(@Caller() { tenantId }: Caller) {
    const notes = await this.db.withTenant(tenantId, (tx) =>
      tx.query<{ note: string }>('SELECT note FROM notes ORDER BY id'),
    );
    return { items: notes.map(({ note }) => note), nextCursor: null };
  }
}

@Controller()
class InstalmentDueConsumer {
  @EventPattern('instalment.due')
  async handle(events: QuittanceEvent<'instalment.due'>[], tx: Tx): Promise<void> {
    for (const event of events) {
      if (event.subject.startsWith('poison')) throw new PoisonError('it can never be done');
      await tx.execute(INSERT, [event.tenantid, newId(), `due ${event.subject}`]);
    }
  }
}

let database: TestDatabase;
let nats: TestNats;
let tokens: TokenIssuer;
const tenantId = newId();
const started: RunningService[] = [];

function configOf(role: string, extra: Record<string, string> = {}): ServiceConfig {
  return readConfig(ServiceConfig, {
    ENVIRONMENT: 'development',
    ROLE: role,
    PORT: '0',
    DATABASE_APP_URL: database.appUrl,
    DATABASE_WORKER_URL: database.workerUrl,
    NATS_URL: nats.urls.payments,
    JWKS_URL: tokens.jwksUrl,
    LOG_LEVEL: 'silent',
    INSTANCE_ID: `test-${role}`,
    ...extra,
  });
}

function moduleOf(config: ServiceConfig) {
  @Module({
    imports: [kitModule({ name: 'payments', config })],
    controllers: [NotesController, InstalmentDueConsumer],
  })
  class NotesModule {}
  return NotesModule;
}

async function start(role: string, extra: Record<string, string> = {}): Promise<RunningService> {
  const config = configOf(role, extra);
  const service = await runService({ name: 'payments', module: moduleOf(config), config });
  started.push(service);
  return service;
}

interface Sent {
  path?: string;
  key?: string;
  tenant?: string;
  note?: string;
}

async function post({ url }: RunningService, { path = '/notes', key, tenant = tenantId, note = 'n' }: Sent = {}) {
  const scopes = ['payments:write', 'payments:read'];
  const token = await tokens.mint({ audience: 'payments', tenantId: tenant, scopes });
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify({ note }),
  });
  const body = (await response.json()) as ProblemDocument & { id: string; note: string };
  return { status: response.status, headers: response.headers, body };
}

async function list({ url }: RunningService, tenant: string): Promise<string[]> {
  const token = await tokens.mint({ audience: 'payments', tenantId: tenant, scopes: ['payments:read'] });
  const response = await fetch(`${url}/notes`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as { items: string[] }).items;
}

async function publishDue(...subjects: string[]): Promise<void> {
  const connection = await nats.connect('billing');
  for (const subject of subjects) {
    const event = {
      ...sampleEvent('instalment.due'),
      id: newId(),
      tenantid: tenantId,
      subject,
      sequence: '0000000001',
    };
    const carried = headers();
    for (const [name, value] of Object.entries(headersOf(event))) carried.set(name, value);
    await jetstream(connection).publish('instalment.due', encode(event), { headers: carried });
  }
  await connection.close();
}

async function stored(stream: string): Promise<number> {
  const connection = await nats.connect('provisioner');
  try {
    return (await (await jetstreamManager(connection)).streams.info(stream)).state.messages;
  } finally {
    await connection.close();
  }
}

beforeEach(async () => {
  gate = undefined;
  writing = 0;
  [database, nats, tokens] = await Promise.all([
    createTestDatabase('payments', [CreateNotes1790000000000]),
    startTestNats(),
    TokenIssuer.start(),
  ]);
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()));
  await Promise.all([database.drop(), nats.stop(), tokens.stop()]);
});

describe('Idempotency-Key', () => {
  it('replays the first answer and has one effect', async () => {
    const service = await start('all');
    const first = await post(service, { key: 'k-1' });
    const second = await post(service, { key: '"k-1"' });
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await list(service, tenantId)).toEqual(['n']);
  });

  it('refuses the same key with another body, and serves it to another tenant', async () => {
    const service = await start('all');
    await post(service, { key: 'k-2' });
    const reused = await post(service, { key: 'k-2', note: 'other' });
    expect(reused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(await post(service, { key: 'k-2', note: 'other', tenant: newId() })).toMatchObject({ status: 201 });
  });

  it('answers 409 and Retry-After while the first runs, and then the first answer', async () => {
    const service = await start('all');
    let open = () => {};
    gate = new Promise((resolve) => (open = resolve));
    const claimed = new Promise<void>((resolve) => (atGate = resolve));
    const first = post(service, { key: 'k-3' });
    await claimed;
    const busy = await post(service, { key: 'k-3' });
    expect(busy.status).toBe(409);
    expect(busy.body.code).toBe('request_in_progress');
    expect(busy.headers.get('retry-after')).toBe('1');
    open();
    const done = await first;
    expect(await post(service, { key: 'k-3' })).toMatchObject({ status: 201, body: done.body });
    expect(await list(service, tenantId)).toEqual(['n']);
  });

  it.each([
    ['', '/notes', 'invalid_request'],
    ['x'.repeat(256), '/notes', 'invalid_request'],
    ['two words', '/notes', 'invalid_request'],
    ['"open', '/notes', 'invalid_request'],
    [undefined, '/notes/move', 'idempotency_key_required'],
  ])('answers 400 to the key %j at %s', async (key, path, code) => {
    const service = await start('api');
    const answer = await post(service, { path, ...(key === undefined ? {} : { key }) });
    expect(answer).toMatchObject({ status: 400, body: { code, errors: [{ header: 'Idempotency-Key' }] } });
  });

  it('stores the status of the route', async () => {
    const service = await start('api');
    await post(service, { path: '/notes/move', key: 'k-4' });
    const replay = await post(service, { path: '/notes/move', key: 'k-4' });
    expect(replay).toMatchObject({ status: 200, body: { moved: 'n' } });
  });
});

describe('tenants', () => {
  it("never show each other's rows", async () => {
    const service = await start('api');
    await post(service, { note: 'mine' });
    expect(await list(service, newId())).toEqual([]);
  });
});

describe('work', () => {
  it('publishes what the HTTP process committed, from the worker process', async () => {
    await start('worker');
    const api = await start('api');
    await post(api);
    await eventually(async () => (await stored('PAYMENTS')) === 1);
  });

  it('consumes through controllers, and a consumer that gives up leaves a dead letter with its reason', async () => {
    const service = await start('all');
    await publishDue('one', 'poison', 'two');
    await eventually(async () => (await list(service, tenantId)).length === 2);
    expect((await list(service, tenantId)).sort()).toEqual(['due one', 'due two']);
    await eventually(async () => (await stored('DLQ')) === 1);
  });
});

describe('life and death', () => {
  const status = async (url: string) => (await fetch(url)).status;

  it('is alive, started and ready, tells its metrics, and serves its document without a token', async () => {
    const { url, healthUrl } = await start('all');
    await eventually(async () => (await status(`${healthUrl}/health/ready`)) === 200);
    expect(await status(`${healthUrl}/health/live`)).toBe(200);
    expect(await status(`${healthUrl}/health/startup`)).toBe(200);
    expect(await status(`${healthUrl}/other`)).toBe(404);
    const metrics = await (await fetch(`${healthUrl}/metrics`)).text();
    for (const name of ['nodejs_eventloop_lag_seconds', 'relay_published_total']) expect(metrics).toContain(name);
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(document.paths).toHaveProperty('/notes');
  });

  it('opens no HTTP port as a worker', async () => {
    const worker = await start('worker');
    expect(worker.url).toBeUndefined();
  });

  it('serves HTTP while the broker is away, and publishes when it is back', async () => {
    await nats.kill();
    const service = await start('all');
    expect(await post(service)).toMatchObject({ status: 201 });
    expect(await status(`${service.healthUrl}/health/ready`)).toBe(200);
    await nats.restart();
    await eventually(async () => (await stored('PAYMENTS')) === 1);
  });

  it('finishes the request in flight, publishes what it said, and is not ready meanwhile', async () => {
    const service = await start('all');
    let open = () => {};
    gate = new Promise((resolve) => (open = resolve));
    const running = post(service);
    await eventually(() => writing > 0);
    const stopping = service.stop();
    await eventually(async () => (await status(`${service.healthUrl}/health/ready`)) === 503);
    open();
    expect((await running).status).toBe(201);
    await stopping;
    expect(await stored('PAYMENTS')).toBe(1);
    await expect(fetch(service.url ?? '')).rejects.toThrow();
  });

  it('does not start with a handler of events that it does not read', async () => {
    @Controller()
    class OwnConsumer {
      @EventPattern('payment.posted')
      handle(_events: QuittanceEvent<'payment.posted'>[], _tx: Tx): Promise<void> {
        return Promise.resolve();
      }
    }
    const config = configOf('worker');
    @Module({ imports: [kitModule({ name: 'payments', config })], controllers: [OwnConsumer] })
    class OwnModule {}
    const refusal = 'payments has a handler of payment.posted (stream PAYMENTS), but reads only BILLING';
    await expect(runService({ name: 'payments', module: OwnModule, config })).rejects.toThrow(refusal);
  });

  it('does not start with a shutdown budget that its phases exceed', async () => {
    await expect(start('api', { SHUTDOWN_BUDGET_MS: '30000' })).rejects.toThrow('SHUTDOWN_BUDGET_MS is 30000');
  });
});

describe('the OpenAPI document', () => {
  it('is the same without starting anything as from the running service', async () => {
    const config = configOf('all', { DATABASE_APP_URL: 'postgres://nobody@127.0.0.1:1/none' });
    const described = await describeService(moduleOf(config), 'payments');
    const app = await createService({ name: 'payments', module: moduleOf(configOf('api')), config: configOf('api') });
    const served = (await app.inject('/openapi.json')).json<object>();
    await app.get(Database).close();
    await app.close();
    expect(JSON.parse(JSON.stringify(described))).toEqual(served);
    expect(described).toMatchObject({
      openapi: '3.1.0',
      security: [{ bearer: [] }],
      paths: { '/notes': { post: { responses: { 201: {}, 400: {}, 401: {}, 413: {}, 422: {} } } } },
    });
  });
});
