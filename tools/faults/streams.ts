import { connect } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import type { Consumer } from '@nats-io/jetstream';

const STREAMS = ['PAYMENTS', 'BILLING', 'RECONCILIATION', 'WEBHOOKS'];

/** Reads the four streams to their end as a downstream subscriber would; event id → how often it is stored. */
export async function readStreams(url: string): Promise<Record<string, Map<string, number>>> {
  const { host, username, password } = new URL(url);
  const nats = await connect({ servers: host, user: username, pass: password });
  try {
    const result: Record<string, Map<string, number>> = {};
    for (const stream of STREAMS) {
      const ids = (result[stream] = new Map<string, number>());
      const consumer = await jetstream(nats).consumers.get(stream, 'demo');
      while ((await left(consumer)) > 0) {
        for await (const message of await consumer.fetch({ max_messages: 200, expires: 1_000 })) {
          const { id } = message.json<{ id: string }>();
          ids.set(id, (ids.get(id) ?? 0) + 1);
          message.ack();
        }
        await nats.flush();
      }
    }
    return result;
  } finally {
    await nats.close();
  }
}

/** Not delivered yet, or delivered and not acknowledged: those come again. */
async function left(consumer: Consumer): Promise<number> {
  const { num_pending: pending, num_ack_pending: unacknowledged } = await consumer.info();
  return pending + unacknowledged;
}
