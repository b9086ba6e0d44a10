import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Api } from '@quittance/testing/api';
import { TokenIssuer } from '@quittance/testing/tokens';
import { newId } from '@quittance/service-kit/id';
import { migrations } from '../../apps/webhooks/src/migrations/all.ts';
import { delay } from '../processes.mjs';
import { startContext } from './context.ts';
import type { BenchContext } from './context.ts';
import { HelperProcess } from './helper-process.ts';
import { startBuilt } from './service.ts';
import type { ServiceUnderTest } from './service.ts';
import type { Generated, GeneratorOrders } from './webhooks-generator.ts';
import { tenantsOf } from './webhooks-ids.ts';
import type { Phase } from './webhooks-ids.ts';
import { reconcile } from './webhooks-ledger.ts';
import type { WebhookLedger } from './webhooks-ledger.ts';
import type { ArrivalLog, Behaviour } from './webhooks-receiver.ts';

export interface SiteOptions {
  tenants: number;
  /** Endpoints of each tenant: the fan-out. */
  endpointsEach: number;
  /** Settings of every endpoint. */
  settings?: object;
  env?: Record<string, string>;
}

export interface PhaseOrder {
  rate: number;
  seconds?: number;
  count?: number;
  weights?: readonly number[];
  keys?: number;
}

export interface RanPhase {
  phase: Phase;
  generated: Generated;
}

interface Equipment {
  readonly context: BenchContext;
  readonly urls: { appUrl: string; workerUrl: string };
  readonly issuer: TokenIssuer;
  readonly receiver: HelperProcess;
  readonly generator: HelperProcess;
  readonly receiverPort: number;
  /** Past row-level security. */
  readonly admin: pg.Pool;
  readonly tenants: readonly string[];
  readonly env: Record<string, string>;
}

const SCOPES = ['webhooks:read', 'webhooks:write'];
const STATEMENTS = ['shared_preload_libraries=pg_stat_statements', 'pg_stat_statements.max=1000'];

/** One service on servers of its own, partners and a producer around it, and the books of what they did. */
export class WebhookSite {
  readonly endpointIds: string[] = [];
  readonly endpointsOf: number[][] = [];
  private readonly ran: RanPhase[] = [];
  private published = 0;
  /** Set by who kills. */
  unsettledAtKills = 0;

  private constructor(
    /** Servers, helpers and who is served. */
    readonly at: Equipment,
    public service: ServiceUnderTest,
  ) {}

  static async start(dir: string, { tenants, endpointsEach, settings = {}, env = {} }: SiteOptions) {
    const context = await startContext(dir, STATEMENTS);
    const urls = await context.prepare('webhooks', migrations);
    const issuer = await TokenIssuer.start();
    const [receiver, generator] = [
      HelperProcess.start('webhooks-receiver.ts'),
      HelperProcess.start('webhooks-generator.ts'),
    ];
    const admin = new pg.Pool({ connectionString: context.adminUrl, max: 2 });
    // The servers are stopped at the end, with clients or without.
    admin.on('error', () => undefined);
    await admin.query('CREATE EXTENSION pg_stat_statements');
    const all = {
      ...{ SECRETS_KEY: `dev-${randomBytes(32).toString('base64')}` },
      ...{ WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8' },
      ...env,
    };
    const service = await startBuilt({ context, issuer, name: 'webhooks', urls, env: all });
    const port = await receiver.ask<number>('listen');
    const names = Array.from({ length: tenants }, () => newId());
    const orders: GeneratorOrders = { natsUrl: context.natsUrls.payments, tenants: names };
    await generator.ask('begin', orders);
    const at = { context, urls, issuer, receiver, generator, receiverPort: port, admin, tenants: names, env: all };
    const site = new WebhookSite(at, service);
    for (const tenant of names) site.endpointsOf.push(await site.createEndpoints(tenant, endpointsEach, settings));
    return site;
  }

  async api(tenantId: string): Promise<Api> {
    const claims = { audience: 'webhooks', tenantId, scopes: SCOPES, expiresInSeconds: 3_600 };
    return Api.withToken(this.service.url, await this.at.issuer.mint(claims));
  }

  async createEndpoints(tenantId: string, count: number, settings: object): Promise<number[]> {
    const api = await this.api(tenantId);
    const numbers: number[] = [];
    for (let made = 0; made < count; made += 1) {
      const n = this.endpointIds.length;
      const url = `http://127.0.0.1:${this.at.receiverPort}/e/${n}`;
      const { status, body } = await api.post<{ id: string }>('/webhook-endpoints', { url, ...settings });
      if (status !== 201) throw new Error(`POST /webhook-endpoints: ${status} ${JSON.stringify(body)}`);
      this.endpointIds.push(body.id);
      numbers.push(n);
    }
    return numbers;
  }

  behave(...behaviours: Behaviour[]): Promise<void> {
    return this.at.receiver.ask('behave', behaviours);
  }

  /** Publishes at a rate until all of it is out; what comes of it shows in the books. */
  async publish({ rate, seconds = 0, count, weights, keys }: PhaseOrder): Promise<RanPhase> {
    const phase: Phase = {
      ...{ from: this.published, count: count ?? Math.round(rate * seconds), rate },
      weights: weights ?? this.at.tenants.map(() => 1),
      ...(keys === undefined ? {} : { keys }),
    };
    this.published += phase.count;
    const generated = await this.at.generator.ask<Generated>('generate', phase);
    const ran = { phase, generated };
    this.ran.push(ran);
    return ran;
  }

  /** How many deliveries a phase makes. */
  deliveriesOf({ phase }: RanPhase): number {
    const tenantOf = tenantsOf(phase);
    let sum = 0;
    for (let n = phase.from; n < phase.from + phase.count; n += 1) sum += this.endpointsOf[tenantOf(n)]!.length;
    return sum;
  }

  /** Waits until every event has been taken in and nothing is left to be sent; @returns the seconds it took. */
  async drained(timeoutMs = 180_000): Promise<number> {
    const startedAt = performance.now();
    const sql = `SELECT (SELECT count(*) FROM webhooks.messages)::int AS messages,
                        EXISTS (SELECT FROM webhooks.deliveries) AS open`;
    for (;;) {
      const { rows } = await this.at.admin.query<{ messages: number; open: boolean }>(sql);
      const seconds = (performance.now() - startedAt) / 1_000;
      if (rows[0]!.messages >= this.published && !rows[0]!.open) return seconds;
      if (seconds * 1_000 > timeoutMs) throw new Error(`not drained: ${JSON.stringify(rows[0])} of ${this.published}`);
      await delay(200);
    }
  }

  arrivals(): Promise<ArrivalLog> {
    return this.at.receiver.ask('log');
  }

  /** @throws when the books do not agree: the run is void, nothing of it is recorded */
  async settle(arrivals: ArrivalLog): Promise<WebhookLedger['counted']> {
    const { endpointIds, endpointsOf, unsettledAtKills } = this;
    const books = { adminUrl: this.at.context.adminUrl, phases: this.ran, arrivals, endpointIds, endpointsOf };
    const ledger = await reconcile({ ...books, unsettledAtKills });
    if (ledger.faults.length > 0) throw new Error(`void: ${ledger.faults.join('; ')}`);
    return ledger.counted;
  }

  async startService(): Promise<void> {
    const { context, issuer, urls, env } = this.at;
    this.service = await startBuilt({ context, issuer, name: 'webhooks', urls, env });
  }

  async stop(): Promise<void> {
    await this.service.process.stop();
    const { receiver, generator, issuer, admin, context } = this.at;
    receiver.stop();
    generator.stop();
    await issuer.stop();
    await admin.end();
    await context.stop();
  }
}
