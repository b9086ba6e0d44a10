import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import { eventually } from '@quittance/testing/eventually';
import { allIsSaid, everythingKept, placesWith } from './leaks.ts';
import type { Kept } from './leaks.ts';
import { operations } from './operations.ts';
import { writingOperations } from './request-bodies.ts';
import { apiOf, callerOf, credentials, pathOf, stack } from './stack.ts';

const { second } = stack;
const traceId = randomBytes(16).toString('hex');
/** Of a number that no other test sends, so that where it is found, it was kept. */
const PAN = '6759649826438453';
const DISGUISES = [PAN, '6759 6498 2643 8453', '6759-6498-2643-8453', '６７５９６４９８２６４３８４５３'];
const SSN = '078-05-1120';
const IBAN = 'GB82WEST12345698765432';
const SECRET = `sk_live_${randomBytes(12).toString('hex')}`;
/** Harmless, and sent the same ways: where it is not found, nothing would be. */
const MARKER = randomUUID();

const headers = () => ({ traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`, 'x-request-id': MARKER });
const api = apiOf(second);
const writing = await writingOperations();
const reading = (await operations()).filter(({ method, scope }) => method === 'GET' && scope !== undefined);
/** A provider's word is judged by its signature: one in 26 of its own references looks like a card number. */
const signed = 'POST /provider-notifications/{provider}';
const takingJson = writing
  .filter(({ contentTypes }) => contentTypes.every((type) => type === 'application/json'))
  .filter(({ name }) => name !== signed);
const takingForms = writing.filter(({ contentTypes }) => contentTypes.includes('application/x-www-form-urlencoded'));
const at = (path: string, id: string) => pathOf(path, second, id);

interface Problem {
  code: string;
}

const sendFile = async (text: string) => {
  const { body } = await api.post<{ locator: string }>('/payments', { amount: 1, amountCurrency: 'EUR' }, headers());
  return api.send<{ masked: boolean; locator: string }>('POST', `/payments/${body.locator}/media?name=x.txt`, {
    body: text,
    headers: { ...headers(), 'content-type': 'text/plain' },
  });
};

async function tellPolicySystem(note: string): Promise<void> {
  const { host, username, password } = new URL(stack.info.policyNatsUrl);
  const nats = await connect({ servers: host, user: username, pass: password, name: 'e2e-card-data' });
  const event = {
    ...{ specversion: '1.0', id: randomUUID(), source: '/a-policy-system', type: 'policy.issued', tenantid: second.id },
    ...{ time: new Date().toISOString(), data: { note } },
  };
  await nats.request('policy.issued', JSON.stringify(event));
  await nats.close();
}

describe('a card number', () => {
  it.each(takingJson.map((operation) => [operation.name, operation] as const))(
    '%s is 422, however it is written, and says nothing of it',
    async (_name, { method, path, bodyOf }) => {
      for (const number of DISGUISES) {
        const generated = bodyOf(`x ${number}`);
        const body = { ...(typeof generated === 'object' ? generated : {}), note: number };
        const caller = callerOf(path, second);
        const answer = await caller.send<Problem>(method, at(path, randomUUID()), { body, headers: headers() });
        expect([number, answer.status, answer.body.code]).toEqual([number, 422, 'card_data_not_accepted']);
        expect(placesWith(new Map([['the answer', JSON.stringify(answer.body)]]), DISGUISES)).toEqual([]);
      }
    },
  );

  it.each(reading.map((operation) => [operation.name, operation] as const))(
    '%s is 422 in the query, and in the path',
    async (_name, { path, pathIds }) => {
      const paths = [`${at(path, randomUUID())}?a=${encodeURIComponent(DISGUISES[1]!)}`];
      if (pathIds.length > 0) paths.push(at(path, PAN));
      for (const each of paths) {
        const answer = await callerOf(path, second).send<Problem>('GET', each, { headers: headers() });
        expect([answer.status, answer.body.code]).toEqual([422, 'card_data_not_accepted']);
      }
    },
  );

  it.each(takingForms.map(({ path }) => path))('POST %s is 422 with a form of it', async (path) => {
    for (const number of DISGUISES) {
      const init = { method: 'POST', body: new URLSearchParams({ token: number }), headers: headers() };
      const answer = await fetch(`${stack.info.gatewayUrl}${at(path, randomUUID())}`, init);
      expect([number, answer.status]).toEqual([number, 422]);
    }
  });

  it('a notification that nobody signed is refused for that, and nothing of it is kept', async () => {
    const answer = await api.post<Problem>('/provider-notifications/sandbox', { note: PAN }, headers());
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
  });

  it('POST /oauth/token is 422 with it', async () => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: PAN,
      client_secret: DISGUISES[1]!,
    });
    const init = { method: 'POST', body, headers: headers() };
    expect((await fetch(`${stack.info.gatewayUrl}/oauth/token`, init)).status).toBe(422);
  });

  it('in a text file is masked', async () => {
    const { status, body } = await sendFile(`paid with ${PAN}, says ${MARKER}`);
    expect([status, body.masked]).toEqual([201, true]);
  });

  it('in a header, in an id of a request, and beside wrong credentials is taken by nobody', async () => {
    const wrong = { ...credentials(second), 'x-client-secret': PAN };
    expect((await api.send('GET', '/payments', { headers: { ...headers(), 'user-agent': PAN } })).status).toBe(422);
    expect((await api.send('GET', '/payments', { headers: { ...headers(), 'x-request-id': PAN } })).status).toBe(200);
    expect((await api.send('GET', `/payments/${PAN}`, { headers: { ...headers(), ...wrong } })).status).toBe(401);
  });
});

describe('what is kept after that', () => {
  let kept: Kept;

  beforeAll(async () => {
    for (const word of [SSN, IBAN, SECRET, MARKER]) {
      for (const { method, path, bodyOf } of takingJson) {
        await api.send(method, at(path, randomUUID()), { body: bodyOf(word), headers: headers() });
      }
      await api.post('/payments', { amount: 1, policyLocator: word }, { ...headers(), 'idempotency-key': `k-${word}` });
      await api.send('GET', `/payments?pagingToken=${word}`, { headers: headers() });
      await tellPolicySystem(word === MARKER ? word : `${word} ${PAN}`);
    }
    await eventually(allIsSaid, { timeoutMs: 20_000 });
    kept = await eventually(
      async () => {
        const all = await everythingKept(traceId);
        return all.get('spans')!.includes('http.route') && placesWith(all, [MARKER]).includes('stream DLQ')
          ? all
          : null;
      },
      { timeoutMs: 20_000 },
    );
  });

  it('holds the card number nowhere but where the policy system itself published it', () => {
    expect(placesWith(kept, DISGUISES)).toEqual(['stream POLICY']);
  });

  it('holds nothing else that was sent in a log or a span', () => {
    const talkative = new Map([...kept].filter(([place]) => place.startsWith('log ') || place === 'spans'));
    expect(placesWith(talkative, [SSN, IBAN, SECRET])).toEqual([]);
  });

  it('holds them in events only where the contract carries the reference that the caller chose', () => {
    const streams = [...kept].filter(([place]) => /^stream (PAYMENTS|BILLING|RECONCILIATION|WEBHOOKS)$/.test(place));
    const lines = streams.flatMap(([, text]) => text.split('\n')).filter((line) => line.includes(SSN));
    const fields = lines.flatMap((line) => [...line.matchAll(/"(\w+)":"[^"]*078-05-1120/g)].map(([, name]) => name!));
    expect(lines.length).toBeGreaterThan(0);
    const references = ['policyId', 'carrierId', 'employerId', 'policyLocator', 'policyholderLocator'];
    expect([...new Set(fields)].filter((name) => !references.includes(name))).toEqual([]);
  });

  it('was looked through: spans of every service, and a harmless word, sent the same ways, in every place', () => {
    const places = placesWith(kept, [MARKER]);
    for (const name of ['gateway', 'payments', 'billing', 'webhooks']) {
      expect(kept.get('spans')).toContain(`"service":"${name}"`);
    }
    expect(places).toEqual(
      expect.arrayContaining([
        ...['log gateway.log', 'log payments.log', 'table payments.payments', 'table payments.event_log'],
        ...['table payments.media_contents', 'stream PAYMENTS', 'stream POLICY', 'stream DLQ'],
      ]),
    );
  });
});
