// The receivers of the README, as they stand there: started, and sent what a sender and what an impostor sends.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
process.env['WEBHOOK_SECRET'] = secret;

// Not what JSON.stringify would write: only who verifies the bytes themselves takes it.
const body = '{ "type":"payment.posted",\n "data": {"b": 1.50, "a": "Zürich"} }';
const headersFor = (id: string, at = new Date()) => ({
  'content-type': 'application/json',
  'webhook-id': id,
  'webhook-timestamp': `${Math.floor(at.getTime() / 1000)}`,
  'webhook-signature': new Webhook(secret).sign(id, at, body),
});

interface Receiver {
  url: string;
  booked: readonly unknown[];
  stop(): Promise<unknown>;
}

const receivers: Record<string, () => Promise<Receiver>> = {
  async nest() {
    const { booked, createApp } = await import('./recipes/nest.ts');
    const app = await createApp();
    await app.listen(0, '127.0.0.1');
    return { url: `${await app.getUrl()}/webhooks`, booked, stop: () => app.close() };
  },
  async fastify() {
    const { app, booked } = await import('./recipes/fastify.ts');
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { url: `${url}/webhooks`, booked, stop: () => app.close() };
  },
  async express() {
    const { booked, receiveWebhook } = await import('./recipes/express.ts');
    // What Express calls a handler with; Express itself is none of our dependencies.
    const server = createServer((request, response) => void receiveWebhook(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/webhooks`, booked, stop: async () => server.close() };
  },
};

describe.each(Object.keys(receivers))('the recipe for %s', (name) => {
  let receiver: Receiver;
  beforeAll(async () => (receiver = await receivers[name]!()));
  afterAll(() => receiver.stop());
  const post = async (headers: Record<string, string>, sent = body) =>
    (await fetch(receiver.url, { method: 'POST', headers, body: sent })).status;

  it('takes a webhook, and a second time does nothing', async () => {
    expect(await post(headersFor('m1'))).toBe(204);
    expect(await post(headersFor('m1'))).toBe(204);
    expect(await post(headersFor('m2'))).toBe(204);
    const event = { type: 'payment.posted', data: { b: 1.5, a: 'Zürich' } };
    expect(receiver.booked).toEqual([event, event]);
  });

  it('answers 401 to what is not signed, changed, under another id, or old, and books nothing', async () => {
    const before = receiver.booked.length;
    const { 'webhook-signature': _, ...unsigned } = headersFor('m3');
    expect(await post(unsigned)).toBe(401);
    expect(await post(headersFor('m3'), body.replace('1.50', '9.50'))).toBe(401);
    expect(await post({ ...headersFor('m3'), 'webhook-id': 'm4' })).toBe(401);
    expect(await post(headersFor('m3', new Date(Date.now() - 302_000)))).toBe(401);
    expect(await post({ ...headersFor('m3'), 'webhook-signature': 'v1,' })).toBe(401);
    expect(receiver.booked).toHaveLength(before);
  });
});

const folder = new URL('./recipes/', import.meta.url);
const recipe = (file: string) => readFileSync(new URL(file, folder), 'utf8');
const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('the recipe for Python', () => {
  const asked = `
import json, sys
${recipe('verify_webhook.py')}
answers = []
for case in json.load(sys.stdin):
    try:
        answers.append(verify(case["body"].encode(), case["headers"], case["secrets"], case["now"]))
    except (Refused, ValueError) as error:
        answers.append(str(error))
print(json.dumps(answers))`;
  const vector = {
    body: '{"test": 2432232314}',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    now: 1614265330,
  };
  const signed = (signatures: string) => ({ ...vector.headers, 'webhook-signature': signatures });
  const good = vector.headers['webhook-signature'];
  const taken = ['msg_p5jXN8AQM9LWM0D4loKWxJek', { test: 2432232314 }];
  const { 'webhook-id': _, ...anonymous } = vector.headers;
  const cases: [object, unknown][] = [
    [{}, taken],
    [{ headers: signed(`v1a,x v2 ,  ${good}`) }, taken],
    [{ secrets: [secret, ...vector.secrets] }, taken],
    [{ now: vector.now + 300 }, taken],
    [{ now: vector.now + 301 }, 'too old, or from the future'],
    [{ now: vector.now - 301 }, 'too old, or from the future'],
    [{ body: `${vector.body} ` }, 'no signature is good'],
    [{ secrets: [secret] }, 'no signature is good'],
    [{ headers: signed(good.replace('v1', 'v2')) }, 'no signature is good'],
    [{ headers: anonymous }, 'webhook-id is missing'],
    [{ headers: { ...vector.headers, 'webhook-timestamp': '1e9' } }, 'a header is malformed'],
    [{ secrets: ['whsec_'] }, 'a whsec_ secret holds 24 to 64 bytes'],
    [{ secrets: [''] }, 'a v1 secret begins with whsec_'],
  ];

  it(hasPython ? 'takes the vector, and refuses what we refuse' : 'python3 is not here: it was not run', () => {
    if (!hasPython) return;
    const input = JSON.stringify(cases.map(([over]) => ({ ...vector, ...over })));
    const { stdout, stderr } = spawnSync('python3', ['-c', asked], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(cases.map(([, expected]) => expected));
  });
});

it.each(['nest.ts', 'fastify.ts', 'express.ts', 'verify_webhook.py'])('the README shows %s as it was run', (file) => {
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(recipe(file).trim());
});
