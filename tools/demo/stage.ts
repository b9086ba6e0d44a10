import { Api } from '@quittance/testing/api';
import type { ApiAnswer } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import type { StackInfo } from '../stack.mjs';
import { Listener, PolicySystem } from './bus.ts';
import { Partner } from './partner.ts';

export type Tenant = StackInfo['tenants'][number];

/** What the API answers, as far as the story reads it. Amounts are decimal strings. */
export interface Instalment {
  id: string;
  number: number;
  dueOn: string;
  periodEnd: string;
  amount: string;
  balance: string;
  state: string;
  lines: { category: string; amount: string }[];
}

export interface Schedule {
  id: string;
  state: string;
  currency: string;
  total: string;
  paidThrough: string | null;
  instalments: Instalment[];
}

export interface JournalEntry {
  id: string;
  kind: string;
  effectiveDate: string;
  reverses?: string;
  lines: { account: string; debit: string; credit: string; currency: string }[];
}

/** Every wait of the story; what takes longer is a fault. */
const PATIENCE_MS = 30_000;

/** The people of the story: a caller of the API, a partner, a downstream system, a policy system. */
export class Stage {
  /** The partner's registration, taken back when the stage closes: nobody listens there any more. */
  endpointId: string | undefined;

  private constructor(
    readonly tenant: Tenant,
    readonly api: Api,
    readonly partner: Partner,
    readonly listener: Listener,
    readonly policySystem: PolicySystem,
  ) {}

  static async open({ gatewayUrl, natsUrl, policyNatsUrl }: StackInfo, tenant: Tenant): Promise<Stage> {
    const { clientId, clientSecret } = tenant;
    const api = new Api(gatewayUrl, { 'x-client-id': clientId, 'x-client-secret': clientSecret });
    const listener = await Listener.open(natsUrl);
    const policySystem = await PolicySystem.open(policyNatsUrl);
    return new Stage(tenant, api, await Partner.listen(), listener, policySystem);
  }

  async get<T>(path: string): Promise<T> {
    return expected(await this.api.get<T>(path), `GET ${path}`);
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    return expected(await this.api.send<T>(method, path, { body }), `${method} ${path}`);
  }

  /** Waits until `attempt` answers something; after the deadline it says what it waited for. */
  async until<T>(what: string, attempt: () => T | Promise<T>): Promise<NonNullable<T>> {
    try {
      return await eventually(attempt, { timeoutMs: PATIENCE_MS, everyMs: 10 });
    } catch (error) {
      throw new Error(`waited for ${what}: ${(error as Error).message}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    if (this.endpointId) await this.api.send('DELETE', `/webhook-endpoints/${this.endpointId}`);
    await Promise.all([this.partner.close(), this.listener.close(), this.policySystem.close()]);
  }
}

function expected<T>({ status, body }: ApiAnswer<T>, what: string): T {
  if (status >= 200 && status < 300) return body;
  throw new Error(`${what} was answered with ${status}: ${JSON.stringify(body)}`);
}
