import { Logger } from '@nestjs/common';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import { createLogger } from '@quittance/service-kit/telemetry/logger';
import type { Api } from '@quittance/testing/api';
import { createEndpoint, deliveriesOf, eventOf, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';
import { shardOf } from '../domain/endpoint.ts';
import type { Settlement } from './job.ts';
import { RecordAttemptsService } from './record-attempts.service.ts';
import { Settler } from './settler.ts';
import { ShardLeases } from './shard-leases.ts';
import { unanswered } from './webhook.client.ts';

let infrastructure: Infrastructure;
let service: RunningService;
const tenantId = newId();
let api: Api;
let endpointId: string;
const logged: string[] = [];

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await startWebhooks(infrastructure.env());
  api = await infrastructure.api(service.url, tenantId);
  ({ id: endpointId } = await createEndpoint(api, 'http://127.0.0.1:9/'));
  await api.send('PATCH', `/webhook-endpoints/${endpointId}`, { body: { state: 'paused' } });
  // As it would be written: what the log lets through of an error is part of what is asked here.
  const write = (line: string) => void logged.push(line);
  Logger.overrideLogger(createLogger({ name: 'webhooks', level: 'trace' }, { write }));
});
afterAll(async () => {
  Logger.overrideLogger(false);
  await service.stop();
  await infrastructure.stop();
});

/** Answers to five deliveries that wait, as if they had just come in. */
async function settlements(): Promise<Settlement[]> {
  await infrastructure.publish(Array.from({ length: 5 }, () => eventOf('payment.posted', tenantId)));
  const waiting = await deliveriesOf(api, endpointId, 'paused', 5);
  const shard = shardOf(endpointId);
  const { epoch } = service.app.get(ShardLeases).held(shard)!;
  return waiting.map((delivery) => ({
    job: {
      ...{ tenantId, id: String(delivery['id']), endpointId, messageId: String(delivery['eventId']), shard },
      ...{ attempt: 0, createdAt: new Date(), body: Buffer.from('{}'), sequence: 1, traceparent: null },
      ...{ type: 'payment.posted', isTest: false },
    },
    ...{ attemptId: newId(), epoch, n: 1, outcome: 'succeeded', possibleDuplicate: false },
    reply: { ...unanswered(''), error: null, status: 200, headers: { a: 'b' }, body: Buffer.from('what they said') },
    verdict: { result: 'delivered', dueAt: null, disable: null, holdUntil: null },
  }));
}

async function settle(batch: readonly Settlement[]): Promise<string[]> {
  const done: string[] = [];
  const records = service.app.get(RecordAttemptsService);
  const settler = new Settler(
    (part) => records.record(part),
    (part) => done.push(...part.map(({ job }) => job.id)),
  );
  for (const settlement of batch) settler.add(settlement);
  await settler.drained();
  return done;
}

const attemptOf = async ({ job }: Settlement) => {
  const { body } = await api.get<any>(`/webhook-deliveries/${job.id}`);
  return body.attempts[0];
};

describe('F29: one bad row in a settle batch', () => {
  it('the others commit; it is written without what the receiver said, which is in no log', async () => {
    const batch = await settlements();
    // Postgres takes no NUL in a JSON text.
    const bad = { ...batch[2]!, reply: { ...batch[2]!.reply, headers: { a: 'they said\0this' } } };
    const done = await settle(batch.with(2, bad));
    expect(done.toSorted()).toEqual(batch.map(({ job }) => job.id).toSorted());
    await deliveriesOf(api, endpointId, 'delivered', 5);
    expect(await attemptOf(bad)).toMatchObject({ status: 200, responseHeaders: {}, responseBody: null });
    expect(await attemptOf(batch[0]!)).toMatchObject({ responseHeaders: { a: 'b' }, responseBody: 'what they said' });
    const text = logged.join('');
    expect(text).toContain(bad.job.id);
    expect(text).not.toContain('they said');
  });

  it('one that cannot be written at all stays open, and is not taken for done', async () => {
    const batch = await settlements();
    const bad = { ...batch[4]!, reply: { ...batch[4]!.reply, status: 100_000 } };
    const done = await settle(batch.with(4, bad));
    expect(done).toHaveLength(4);
    expect(done).not.toContain(bad.job.id);
    const [open] = await deliveriesOf(api, endpointId, 'paused');
    expect(open).toMatchObject({ id: bad.job.id, attemptCount: 0 });
    expect(logged.join('')).not.toContain('they said');
  });
});
