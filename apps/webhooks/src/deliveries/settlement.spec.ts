import { settlementOf } from './settlement.ts';
import type { Made } from './settlement.ts';
import { unanswered } from './webhook.client.ts';

const job = {
  ...{ tenantId: 't', id: 'd', endpointId: 'e', messageId: 'm', shard: 1, attempt: 0, createdAt: new Date(0) },
  ...{ body: Buffer.from('{}'), sequence: 1, traceparent: null, type: 'payment.posted', isTest: false },
};
const settled = (reply: Made['reply']) =>
  settlementOf({ job, reply, epoch: '1', possibleDuplicate: false }, [0, 5_000], new Date(0));

describe('what becomes of a delivery', () => {
  it.each([
    ['succeeded', 'delivered', { ...unanswered(''), error: null, status: 204 }],
    ['failed', null, { ...unanswered(''), error: null, status: 500 }],
    ['failed', null, unanswered('timeout')],
    ['not_sent', 'aborted', unanswered('erased')],
  ])('an attempt that %s leaves the result %s', (outcome, result, reply) => {
    expect(settled(reply)).toMatchObject({ n: 1, outcome, verdict: { result } });
  });
});
