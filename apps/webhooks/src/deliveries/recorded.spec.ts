import fc from 'fast-check';
import type { Settlement } from './job.ts';
import { asRecorded } from './recorded.ts';
import { unanswered } from './webhook.client.ts';

const card = '4242 4242 4242 4242';

function settlement(over: Partial<Settlement['reply']>): Settlement {
  return {
    job: {
      ...{ tenantId: 't', id: 'd', endpointId: 'e', messageId: 'm', shard: 1, attempt: 0, createdAt: new Date(0) },
      ...{ body: Buffer.from('{}'), sequence: 1, traceparent: null, type: 'payment.posted', isTest: false },
    },
    ...{ attemptId: 'made later', epoch: '1', n: 1, outcome: 'failed', possibleDuplicate: false },
    reply: { ...unanswered(''), error: null, status: 500, ...over },
    verdict: { result: null, dueAt: new Date(0), disable: null, holdUntil: null },
  };
}
const headersOf = (headers: Record<string, string>) => asRecorded(settlement({ headers })).reply.headers;
const bodyOf = (body: Buffer) => asRecorded(settlement({ body })).reply.body;

describe('what is kept of an answer', () => {
  it.each([
    ...['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-hub-signature-256', 'x-csrf-token'],
    ...['x-client-secret', 'X-Api-Key', 'Set-Cookie'],
  ])('of %s only that it was there', (name) => {
    expect(headersOf({ [name]: 's3cr3t', date: 'today' })).toEqual({ [name]: '[redacted]', date: 'today' });
  });

  it('other headers as they are, but for card numbers', () => {
    expect(headersOf({ server: 'x', 'x-echo': `card ${card}` })).toEqual({
      ...{ server: 'x', 'x-echo': 'card **** **** **** 4242' },
    });
  });

  it('a body without a card number to the byte, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
        const body = Buffer.from(bytes.map((byte) => (byte >= 0x30 && byte <= 0x39 ? 0x41 : byte)));
        expect(bodyOf(body)?.equals(body)).toBe(true);
      }),
    );
  });

  it.each([card, '4242-4242-4242-4242', '4242424242424242', '\uff14242424242424242'])(
    'not the card number %s',
    (text) => {
      const kept = bodyOf(Buffer.from(`{"echo":"${text}"}`))?.toString('utf8');
      expect(kept).toMatch(/^\{"echo":"[*\- ]+4242"\}$/);
    },
  );

  it('under the id of its start, where there is one', () => {
    expect(asRecorded(settlement({})).attemptId).toBe('made later');
    expect(asRecorded(settlement({ startId: 'of the start' })).attemptId).toBe('of the start');
  });
});
