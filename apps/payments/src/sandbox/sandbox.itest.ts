import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { Books } from './books.ts';
import type { OperationRequest } from './decide.ts';
import { Deliveries } from './deliveries.ts';

const secret = 'whsec_c2FuZGJveCBub3RpZmljYXRpb25z';
const folder = mkdtempSync(join(tmpdir(), 'quittance-sandbox-'));
let failures: unknown[] = [];
let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  expect(failures).toEqual([]);
  [closing, failures] = [[], []];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function charge(token: string, rest: Partial<OperationRequest> = {}): OperationRequest {
  const key = newId();
  const about = { operation: 'charge', account: 'a', on: null, amountMinor: 2567, currency: 'USD' } as const;
  return { ...about, key, token, subject: key, capture: true, chargeRef: '', ...rest };
}

function opened(file: string, { dayMs = 1, lateAnswerMs = 1 } = {}): Books {
  const books = new Books({ file: join(folder, file), dayMs, lateAnswerMs });
  closing.push(() => books.close());
  return books;
}

function delivering(books: Books, url: string): Deliveries {
  const deliveries = new Deliveries(books, { url, secret }, (error) => failures.push(error));
  deliveries.start();
  closing.push(() => deliveries.stop());
  return deliveries;
}

/** Answers as it is told, and keeps what came, once its signature is good. */
async function listener(answers: number[]) {
  const heard: { id: string; type: string; data: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const said = new Webhook(secret).verify(body, request.headers as Record<string, string>) as (typeof heard)[0];
      heard.push({ ...said, id: String(request.headers['webhook-id']) });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const operate = (books: Books, request: OperationRequest) => {
  const done = books.operate(request);
  if (done === 'conflict') throw new Error('the key was used before');
  return done;
};

describe('notifications on real time', () => {
  it('say what a pending debit came to, signed, and a lookup says the same', async () => {
    const [books, { heard, url }] = [opened('settles.sqlite'), await listener([])];
    delivering(books, url);
    const { ref, key, status } = operate(books, charge('tok_ach'));
    expect(status).toBe('pending');
    await eventually(() => heard.length === 1);
    expect(heard[0]).toMatchObject({ type: 'outcome', data: { operation: 'charge', key, ref, status: 'approved' } });
    expect(books.find('charge', key)?.status).toBe('approved');
  });

  it('are repeated with one id until they are taken', async () => {
    const [books, { heard, url }] = [opened('repeats.sqlite'), await listener([500, 404])];
    delivering(books, url);
    operate(books, charge('tok_ach'));
    await eventually(() => heard.length === 3);
    operate(books, charge('tok_ach'));
    await eventually(() => heard.length === 4);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(2);
  });

  it('tell the outcome that was never answered', async () => {
    const [books, { heard, url }] = [opened('late.sqlite'), await listener([])];
    delivering(books, url);
    operate(books, charge('tok_timeout_declined'));
    await eventually(() => heard.length === 1);
    const decline = { code: 'insufficient_funds', category: 'soft', recommendedAction: 'retry_later' };
    expect(heard[0]?.data).toMatchObject({ status: 'declined', decline });
  });

  it('tell what the customer said', async () => {
    const [books, { heard, url }] = [opened('asked.sqlite'), await listener([])];
    delivering(books, url);
    books.act(operate(books, charge('tok_3ds')).ref, true);
    await eventually(() => heard.length === 1);
    expect(heard[0]?.data).toMatchObject({ status: 'approved', amountMinor: 2567 });
  });

  it('settle a refund that takes its time', async () => {
    const [books, { heard, url }] = [opened('refund.sqlite'), await listener([])];
    delivering(books, url);
    const { ref: chargeRef } = operate(books, charge('tok_refund_pending'));
    const refund = operate(books, charge('', { operation: 'refund', chargeRef, amountMinor: 100 }));
    await eventually(() => heard.length === 1);
    const data = { operation: 'refund', key: refund.key, ref: refund.ref, status: 'approved', amountMinor: 100 };
    expect(heard[0]).toMatchObject({ type: 'outcome', data });
  });
});

it('a test clock that starts in the middle brings what was begun on real time', () => {
  const books = opened('starts.sqlite', { dayMs: 86_400_000 });
  operate(books, charge('tok_ach'));
  const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  expect(books.reachDay('a', dayFromNow(0))).toEqual([]);
  expect(books.reachDay('a', dayFromNow(1))).toMatchObject([{ type: 'outcome', data: { status: 'approved' } }]);
  expect(books.notifications.undelivered(new Date(Date.now() + 3 * 86_400_000), 10)).toEqual([]);
});

describe('a sandbox that died', () => {
  it('still knows what it decided and what was given back', () => {
    const asked = charge('tok_visa', { amountMinor: 1000 });
    const before = opened('decides.sqlite');
    const { ref: chargeRef } = operate(before, asked);
    const refund = charge('', { operation: 'refund', chargeRef, amountMinor: 600 });
    operate(before, refund);
    // Not closed: nothing is said to the store when a process is killed.
    const after = opened('decides.sqlite');
    expect(after.operate(asked)).toEqual(before.find('charge', asked.key));
    expect(after.operate(refund)).toEqual(before.find('refund', refund.key));
    const more = charge('', { operation: 'refund', chargeRef, amountMinor: 401 });
    expect(after.operate(more)).toMatchObject({ status: 'declined', decline: { code: 'exceeds_captured' } });
  });

  it('still has to say what it had not said', async () => {
    const { heard, url } = await listener([]);
    operate(opened('says.sqlite'), charge('tok_ach'));
    delivering(opened('says.sqlite'), url);
    await eventually(() => heard.length === 1);
    expect(heard[0]).toMatchObject({ type: 'outcome', data: { status: 'approved' } });
  });

  it('gives a day of a test clock once more, and the day before no more', () => {
    operate(opened('days.sqlite'), charge('tok_ach_return_r01', { on: '2025-01-15' }));
    const first = opened('days.sqlite').reachDay('a', '2025-01-16');
    expect(first).toHaveLength(1);
    const again = opened('days.sqlite');
    expect(again.reachDay('a', '2025-01-16')).toEqual(first);
    expect(again.reachDay('a', '2025-01-17')).toMatchObject([{ type: 'returned' }]);
  });
});
