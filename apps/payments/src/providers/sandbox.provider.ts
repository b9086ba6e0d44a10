import { Pool } from 'undici';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Instrument } from '../domain/payment-method.ts';
import { PaymentProvider, ProviderUnavailable } from './provider.ts';
import type { ChargeRequest, Description } from './provider.ts';

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

type Failed = Extract<ProviderOutcome, { kind: 'unknown' | 'never_reached' }>;

/** Errors that arise before the first byte of a request is sent. */
const notSentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

export interface SandboxOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly connections?: number;
}

/** Asking what a token is moves no money: it may take its time, and somebody waits for the answer. */
const describeTimeoutMs = 5_000;

/** Speaks to the sandbox process as an adapter speaks to a real provider: over a wire that breaks. */
export class SandboxProvider extends PaymentProvider {
  readonly name = 'sandbox';
  private readonly pool: Pool;

  constructor(private readonly options: SandboxOptions) {
    super();
    const { url, connections = 64 } = options;
    this.pool = new Pool(url, { connections, keepAliveTimeout: 10_000 });
  }

  async describe(token: string): Promise<Description> {
    const answer = await this.send(
      { method: 'GET', path: `/instruments/${encodeURIComponent(token)}` },
      describeTimeoutMs,
    );
    if ('kind' in answer) throw new ProviderUnavailable(answer.reason);
    const { status, body } = answer;
    if (status === 200) return { kind: 'instrument', instrument: instrumentFrom(body) };
    if (status === 404) return { kind: 'unknown_token' };
    if (status === 422) return { kind: 'not_available', detail: String(body['detail']) };
    throw new ProviderUnavailable(`answered ${status}`);
  }

  async charge({ key, token, amountMinor, currency, subject }: ChargeRequest): Promise<ProviderOutcome> {
    const body = JSON.stringify({ key, token, amountMinor: Number(amountMinor), currency, subject });
    const answer = await this.send({ method: 'POST', path: '/charges', body });
    if ('kind' in answer) return answer;
    if (answer.status === 200) return outcomeFrom(answer.body);
    if (answer.status === 422) {
      const { code = 'refused' } = answer.body;
      return declined(null, { code: String(code), category: 'hard', recommendedAction: 'update_payment_method' });
    }
    // The provider's own word that it did nothing; any other failure may have happened after the money moved.
    if (answer.status === 503 && answer.body['code'] === 'not_processed') {
      return { kind: 'never_reached', reason: 'not processed' };
    }
    return { kind: 'unknown', reason: `answered ${answer.status}` };
  }

  async lookup(key: string): Promise<ProviderOutcome | { kind: 'never_seen' }> {
    const answer = await this.send({ method: 'GET', path: `/charges/${encodeURIComponent(key)}` });
    // Whatever stopped the question, it says nothing about the charge we ask about.
    if ('kind' in answer) return { kind: 'unknown', reason: answer.reason };
    if (answer.status === 200) return outcomeFrom(answer.body);
    if (answer.status === 404 && answer.body['code'] === 'never_seen') return { kind: 'never_seen' };
    return { kind: 'unknown', reason: `lookup answered ${answer.status}` };
  }

  override async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async send(request: Question, timeoutMs = this.options.timeoutMs): Promise<Answer | Failed> {
    try {
      const response = await this.pool.request({
        ...request,
        ...(request.body === undefined ? {} : { headers: { 'content-type': 'application/json' } }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
    } catch (error) {
      return failed(error);
    }
  }
}

function failed(error: unknown): Failed {
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  if (code !== undefined && notSentCodes.has(code)) return { kind: 'never_reached', reason: code };
  return { kind: 'unknown', reason: name === 'TimeoutError' ? 'timeout' : (code ?? message ?? 'error') };
}

function outcomeFrom(body: Record<string, unknown>): ProviderOutcome {
  const ref = String(body['ref']);
  if (body['status'] === 'approved') {
    return {
      kind: 'approved',
      ref,
      amountMinor: BigInt(body['amountMinor'] as number),
      currency: String(body['currency']),
    };
  }
  if (body['status'] === 'declined') return declined(ref, body['decline'] as Decline);
  return { kind: 'unknown', reason: `status ${String(body['status'])}` };
}

type Decline = Pick<Extract<ProviderOutcome, { kind: 'declined' }>, 'code' | 'category' | 'recommendedAction'>;

function declined(ref: string | null, { code, category, recommendedAction }: Decline): ProviderOutcome {
  return { kind: 'declined', ref, code, category, recommendedAction };
}

function instrumentFrom(body: Record<string, unknown>): Instrument {
  const { type, brand, last4, expiryMonth, expiryYear } = body;
  const lastDay = new Date(Date.UTC(Number(expiryYear), Number(expiryMonth), 0));
  return {
    type: type === 'ach' ? 'ach' : 'card',
    brand: typeof brand === 'string' ? brand : null,
    last4: typeof last4 === 'string' ? last4 : null,
    expiresOn: lastDay.toISOString().slice(0, 10),
    currency: null,
  };
}
