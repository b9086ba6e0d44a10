import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { delay } from '../processes.mjs';

/** What a policy system was told: the policy's locator, and when the stream acknowledged its fact. */
export type StoredFacts = Map<string, number>;

export interface PolicySystemOptions {
  natsUrl: string;
  tenantId: string;
  /** Policies a second. */
  rate: number;
  policy: (locator: string) => object;
  /** Ask before each fact: after true comes one more, in calm weather: once it is taken, so are all before it. */
  enough: () => boolean;
}

const ACK_TIMEOUT_MS = 2_000;

/**
 * Publishes `policy.issued` straight to the stream, and again under the same id until it is acknowledged. Such a fact
 * is nowhere else: until billing has taken it, it is as durable as the broker.
 */
export async function issueOverNats(options: PolicySystemOptions): Promise<StoredFacts> {
  const { host, username, password } = new URL(options.natsUrl);
  const patient = { maxReconnectAttempts: -1, waitOnFirstConnect: true };
  const nats = await connect({ servers: host, user: username, pass: password, ...patient });
  const stored: StoredFacts = new Map();
  try {
    for (let last = false; !last; await delay(1_000 / options.rate)) {
      last = options.enough();
      const locator = randomUUID();
      await publishUntilStored(nats, options, locator);
      stored.set(locator, Date.now());
    }
    return stored;
  } finally {
    await nats.close();
  }
}

async function publishUntilStored(nats: NatsConnection, options: PolicySystemOptions, locator: string): Promise<void> {
  const { tenantId, policy } = options;
  const event = {
    ...{ specversion: '1.0', id: locator, source: '/faults/policy-system', type: 'policy.issued' },
    ...{ time: new Date().toISOString(), datacontenttype: 'application/json', tenantid: tenantId },
    data: { policyLocator: locator, ...policy(locator) },
  };
  const sent = headers();
  sent.set('content-type', 'application/cloudevents+json');
  for (;;) {
    try {
      const to = { headers: sent, msgID: locator, timeout: ACK_TIMEOUT_MS };
      await jetstream(nats).publish('policy.issued', JSON.stringify(event), to);
      return;
    } catch {
      await delay(200);
    }
  }
}
