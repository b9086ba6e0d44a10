import { Pool } from 'undici';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { noAnswer } from './broken-line.ts';
import type { NoAnswer } from './broken-line.ts';
import type { ProviderNotification } from './notification.ts';
import { NotificationRefused, PaymentProvider, ProviderUnavailable } from './provider.ts';
import type { ChargeRequest, Description, FollowUpRequest, NotificationRequest } from './provider.ts';
import type { LookupQuestion, OnBehalf, Operation } from './provider.ts';
import { instrumentFrom, notificationFrom, outcomeFrom } from './sandbox-answers.ts';
import type { InstrumentBody, NotificationBody, OperationBody } from './sandbox-answers.ts';
import { verifyStandardWebhook } from './standard-webhook.ts';

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface SandboxOptions {
  readonly url: string;
  readonly timeoutMs: number;
  /** Where there are two of them. */
  readonly name?: string;
  /** What its notifications are signed with; without one none is believed. */
  readonly secret?: string;
  readonly connections?: number;
}

/** Asking what a token is moves no money: it may take its time, and somebody waits for the answer. */
const describeTimeoutMs = 5_000;

const collections: Readonly<Record<Operation, string>> = {
  charge: 'charges',
  capture: 'captures',
  void: 'voids',
  refund: 'refunds',
};

/** Speaks to the sandbox process as an adapter speaks to a real provider: over a wire that breaks. */
export class SandboxProvider extends PaymentProvider {
  readonly name: string;
  private readonly pool: Pool;

  constructor(private readonly options: SandboxOptions) {
    super();
    const { url, timeoutMs, name = 'sandbox', connections = 64 } = options;
    this.name = name;
    // Giving up on the connection before the deadline of the answer tells "nobody there" from "nobody knows".
    this.pool = new Pool(url, { connections, keepAliveTimeout: 10_000, connect: { timeout: timeoutMs / 2 } });
  }

  async describe(token: string): Promise<Description> {
    const question = { method: 'GET', path: `/instruments/${encodeURIComponent(token)}` } as const;
    const answer = await this.send(question, describeTimeoutMs);
    if ('kind' in answer) throw new ProviderUnavailable(answer.reason);
    const { status, body } = answer;
    if (status === 200) return { kind: 'instrument', instrument: instrumentFrom(body as unknown as InstrumentBody) };
    if (status === 404) return { kind: 'unknown_token' };
    throw new ProviderUnavailable(`answered ${status}`);
  }

  charge({ token, subject, capture, ...rest }: ChargeRequest): Promise<ProviderOutcome> {
    return this.operate('charge', { ...wire(rest), token, subject, capture });
  }

  capture(request: FollowUpRequest): Promise<ProviderOutcome> {
    return this.operate('capture', { ...wire(request), chargeRef: request.chargeRef });
  }

  void(request: FollowUpRequest): Promise<ProviderOutcome> {
    return this.operate('void', { ...wire(request), chargeRef: request.chargeRef });
  }

  refund(request: FollowUpRequest): Promise<ProviderOutcome> {
    return this.operate('refund', { ...wire(request), chargeRef: request.chargeRef });
  }

  async lookup({ key, operation }: LookupQuestion) {
    const path = `/${collections[operation]}/${encodeURIComponent(key)}`;
    const answer = await this.send({ method: 'GET', path });
    // Whatever stopped the question, it says nothing about the operation we ask about.
    if ('kind' in answer) return { kind: 'unknown', reason: answer.reason } as const;
    if (answer.status === 200) return outcomeFrom(answer.body as unknown as OperationBody);
    if (answer.status === 404 && answer.body['code'] === 'never_seen') return { kind: 'never_seen' } as const;
    return { kind: 'unknown', reason: `lookup answered ${answer.status}` } as const;
  }

  notifications(request: NotificationRequest): readonly ProviderNotification[] {
    if (this.options.secret === undefined) throw new NotificationRefused('no secret is configured');
    const id = verifyStandardWebhook(request, this.options.secret, new Date());
    try {
      const { type, timestamp, data } = JSON.parse(request.body.toString('utf8')) as NotificationBody;
      const notification = notificationFrom(this.name, { id, type, timestamp, data } as NotificationBody);
      return notification === null ? [] : [notification];
    } catch (error) {
      throw new NotificationRefused('the body is not one of the sandbox', { cause: error });
    }
  }

  override async reachDay({ tenantId, businessOn }: { tenantId: string; businessOn: string }) {
    const body = { account: tenantId, on: businessOn };
    const answer = await this.send({ method: 'POST', path: '/days', body });
    if ('kind' in answer) throw new ProviderUnavailable(answer.reason);
    if (answer.status !== 200) throw new ProviderUnavailable(`answered ${answer.status}`);
    const said = answer.body['notifications'] as NotificationBody[];
    return said.map((body) => notificationFrom(this.name, body)).filter((each) => each !== null);
  }

  override async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async operate(operation: Operation, body: object): Promise<ProviderOutcome> {
    const answer = await this.send({ method: 'POST', path: `/${collections[operation]}`, body });
    if ('kind' in answer) return answer;
    if (answer.status === 200) return outcomeFrom(answer.body as unknown as OperationBody);
    // The provider's own word that it did nothing; any other failure may have happened after the money moved.
    if (answer.status === 503 && answer.body['code'] === 'not_processed') {
      return { kind: 'never_reached', reason: 'not processed' };
    }
    return { kind: 'unknown', reason: `answered ${answer.status}` };
  }

  private async send({ method, path, body }: Question, timeoutMs = this.options.timeoutMs): Promise<Answer | NoAnswer> {
    try {
      const response = await this.pool.request({
        ...{ method, path, signal: AbortSignal.timeout(timeoutMs) },
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
    } catch (error) {
      return noAnswer(error);
    }
  }
}

/** The sandbox counts in JSON numbers; its account is the tenant, for whose test clock it keeps the days. */
function wire({ key, amountMinor, currency, tenantId, businessOn }: OnBehalf & Money) {
  return { key, amountMinor: Number(amountMinor), currency, account: tenantId, on: businessOn };
}

type Money = Pick<ChargeRequest, 'key' | 'amountMinor' | 'currency'>;
