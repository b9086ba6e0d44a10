import { randomUUID } from 'node:crypto';
import { delay } from '../processes.mjs';

export interface Tenant {
  clientId: string;
  clientSecret: string;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const TIMEOUT_MS = 12_000;
const RETRY_MS = 150;

/**
 * A client as ours tell theirs to be: each request has an `Idempotency-Key` and is sent again, with the same key, until
 * it is answered. What it was answered is then a fact that the stack must not lose.
 */
export class PatientClient {
  tries = 0;

  constructor(
    private readonly gatewayUrl: string,
    private readonly tenant: Tenant,
  ) {}

  post(path: string, body: object): Promise<Answer> {
    const key = randomUUID();
    return this.until(() => this.send(path, { method: 'POST', body: JSON.stringify(body), key }));
  }

  get(path: string): Promise<Answer> {
    return this.until(() => this.send(path, { method: 'GET' }));
  }

  private async until(send: () => Promise<Answer | undefined>): Promise<Answer> {
    for (;;) {
      this.tries += 1;
      const answer = await send();
      if (answer) return answer;
      await delay(RETRY_MS);
    }
  }

  /** Undefined when nobody knows what became of it, or it is to be asked again. */
  private async send(path: string, { method, body, key }: { method: string; body?: string; key?: string }) {
    const headers: Record<string, string> = {
      'X-Client-ID': this.tenant.clientId,
      'X-Client-Secret': this.tenant.clientSecret,
    };
    if (body) headers['content-type'] = 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    try {
      const init = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body ? { body } : {}) };
      const response = await fetch(`${this.gatewayUrl}${path}`, init);
      const answer = { status: response.status, body: (await response.json()) as Record<string, unknown> };
      const askAgain = answer.status >= 500 || answer.status === 429 || answer.body['code'] === 'request_in_progress';
      return askAgain ? undefined : answer;
    } catch {
      return undefined;
    }
  }
}
