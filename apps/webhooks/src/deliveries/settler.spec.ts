import { Logger } from '@nestjs/common';
import { Settler } from './settler.ts';
import type { Settlement } from './job.ts';
import { unanswered } from './webhook.client.ts';

const settlement = (id: string, over: Partial<Settlement['reply']> = {}): Settlement => ({
  job: {
    ...{ tenantId: 't', id, endpointId: 'e', messageId: 'm', shard: 1, attempt: 0, createdAt: new Date(0) },
    ...{ body: Buffer.from('{}'), sequence: 1, traceparent: null, type: 'payment.posted', isTest: false },
  },
  ...{ attemptId: `a-${id}`, epoch: '1', n: 1, outcome: 'succeeded', possibleDuplicate: false },
  reply: { ...unanswered(''), error: null, status: 200, headers: { a: 'b' }, body: Buffer.from('ok'), ...over },
  verdict: { result: 'delivered', dueAt: null, disable: null, holdUntil: null },
});
const ids = (batch: readonly Settlement[]) => batch.map(({ job }) => job.id);
const unavailable = () => Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });

function settler(write: (batch: readonly Settlement[]) => Promise<void>) {
  const written: string[][] = [];
  const done: string[] = [];
  const subject = new Settler(
    async (batch) => {
      await write(batch);
      written.push(ids(batch));
      return new Set(ids(batch));
    },
    (batch) => done.push(...ids(batch)),
  );
  return { subject, written, done };
}

describe('Settler', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('writes many results in few batches, none of them larger than 500', async () => {
    const { subject, written, done } = settler(async () => undefined);
    const expected = Array.from({ length: 1_100 }, (_, at) => `d${at}`);
    for (const id of expected) subject.add(settlement(id));
    await subject.drained();
    expect(written.map((batch) => batch.length)).toEqual([500, 500, 100]);
    expect(done.toSorted()).toEqual(expected.toSorted());
  });

  it('keeps a batch until the database is back', async () => {
    let failures = 2;
    const { subject, written, done } = settler(async () => {
      if (failures-- > 0) throw unavailable();
    });
    subject.add(settlement('a'));
    await subject.drained();
    expect({ written, done }).toEqual({ written: [['a']], done: ['a'] });
  });

  it('one row that cannot be written costs no other row, and is written without what the receiver sent', async () => {
    const { subject, written, done } = settler(async (batch) => {
      if (batch.some(({ job, reply }) => job.id === 'bad' && reply.body !== null))
        throw new Error('invalid byte sequence');
    });
    const expected = ['a', 'b', 'bad', 'c', 'd'];
    for (const id of expected) subject.add(settlement(id));
    await subject.drained();
    expect(written.flat().toSorted()).toEqual(expected.toSorted());
    expect(done.toSorted()).toEqual(expected.toSorted());
  });

  // Released, it would be loaded and sent again at once, for ever, without a record of it.
  it('a row that cannot be written at all is not released', async () => {
    const { subject, done } = settler(async (batch) => {
      if (ids(batch).includes('bad')) throw new Error('no');
    });
    for (const id of ['a', 'bad']) subject.add(settlement(id));
    await subject.drained();
    expect(done).toEqual(['a']);
  });
});
