import { jetstreamManager } from '@nats-io/jetstream';
import type { StoredMsg } from '@nats-io/jetstream';
import type { TestNats } from './nats.ts';

/** Every message that a stream holds, in its order; looking changes no consumer's position. */
export async function storedMessages(nats: TestNats, stream: string): Promise<StoredMsg[]> {
  const connection = await nats.connect('provisioner');
  try {
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info(stream);
    const seqs = Array.from({ length: state.messages }, (_, i) => state.first_seq + i);
    const messages = await Promise.all(seqs.map((seq) => streams.getMessage(stream, { seq })));
    return messages.filter((message) => message !== null);
  } finally {
    await connection.close();
  }
}
