// The API of a running stack, as the first demo tenant.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 30_000;

export function connectToStack(env = process.env) {
  const { gatewayUrl, tenants } = JSON.parse(fs.readFileSync(env.STACK_FILE ?? '.quittance/stack.json', 'utf8'));
  const [{ clientId, clientSecret }] = tenants;
  const headers = {
    ...{ 'X-Client-ID': clientId, 'X-Client-Secret': clientSecret, 'content-type': 'application/json' },
  };
  return {
    /** One request; a POST has a key of its own, so that a client that repeats it has no second effect. */
    async call(method, path, body) {
      const answer = await fetch(`${gatewayUrl}${path}`, {
        ...{ method, headers: { ...headers, ...(method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {}) } },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: answer.status, body: await answer.json() };
    },
    /** Asks until the answer is something. */
    async until(ask) {
      for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await delay(50)) {
        const found = await ask();
        if (found) return found;
      }
      throw new Error(`not within ${DEADLINE_MS} ms: ${ask}`);
    },
    log: (step, text) => console.log(`${step.padEnd(18)}${text}`),
  };
}
