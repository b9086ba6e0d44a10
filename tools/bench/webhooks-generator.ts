// The producer of scenario (k), in a process of its own: an open loop, which publishes at its rate whatever becomes of
// what it published before.
import { connect, createInbox, headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { formatSequence } from '@quittance/events/envelope';
import { sampleEvent } from '@quittance/events/samples';
import { inboxPrefixOf } from '@quittance/events/topology';
import { delay } from '../processes.mjs';
import { answer } from './helper-process.ts';
import { idOf, nowMs, tenantsOf } from './webhooks-ids.ts';
import type { Phase } from './webhooks-ids.ts';

/** What came of a phase: the run is void unless the broker stored all of it. */
export interface Generated {
  readonly published: number;
  readonly stored: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** The worst that the generator itself was behind its own plan. */
  readonly latestMs: number;
}

export interface GeneratorOrders {
  readonly natsUrl: string;
  readonly tenants: readonly string[];
}

const TYPE = 'payment.posted';
const TICK_MS = 1;
const UNACKED_MAX = 20_000;
const STORED_TIMEOUT_MS = 60_000;

let nats: NatsConnection;
let inbox: string;
let tenants: readonly string[];
let stored = 0;
let published = 0;

/** The event as text, cut where something of this very event belongs. */
const template = (() => {
  const { traceparent: _header, ...sample } = sampleEvent(TYPE);
  const marked = { ...sample, id: '@id@', tenantid: '@tenant@', subject: '@subject@', time: '@time@' };
  const body = JSON.stringify({ ...marked, sequence: '@sequence@', correlationid: '@id@', causationid: undefined });
  return body.split(/@(id|tenant|subject|time|sequence)@/);
})();

function bodyOf(values: Record<string, string>): string {
  return template.map((piece, at) => (at % 2 === 0 ? piece : values[piece]!)).join('');
}

function publish(n: number, intendedAt: number, phase: Phase, tenant: string): void {
  const id = idOf(n, intendedAt);
  const k = n - phase.from;
  const subject = phase.keys === undefined ? id : `key-${k % phase.keys}`;
  const sequence = formatSequence(phase.keys === undefined ? 1 : Math.floor(k / phase.keys) + 1);
  const carried = headers();
  carried.set('content-type', 'application/cloudevents+json');
  carried.set('Nats-Msg-Id', id);
  const time = new Date(intendedAt).toISOString();
  nats.publish(TYPE, bodyOf({ id, tenant, subject, time, sequence }), { reply: inbox, headers: carried });
  published += 1;
}

async function generate(phase: Phase): Promise<Generated> {
  const tenantOf = tenantsOf(phase);
  const [publishedBefore, storedBefore] = [published, stored];
  const startedAt = nowMs() + 50;
  let latestMs = 0;
  for (let k = 0; k < phase.count;) {
    const now = nowMs();
    const due = phase.rate === 0 ? Math.min(phase.count, k + 500) : ((now - startedAt) * phase.rate) / 1_000;
    for (; k < phase.count && k < due; k += 1) {
      const intendedAt = phase.rate === 0 ? now : startedAt + (k * 1_000) / phase.rate;
      latestMs = Math.max(latestMs, now - intendedAt);
      publish(phase.from + k, intendedAt, phase, tenants[tenantOf(phase.from + k)]!);
    }
    if (phase.rate === 0 && published - stored > UNACKED_MAX) await nats.flush();
    await delay(phase.rate === 0 ? 0 : TICK_MS);
  }
  const endedAt = nowMs();
  for (const deadline = endedAt + STORED_TIMEOUT_MS; stored < published && nowMs() < deadline;) await delay(10);
  const counted = { published: published - publishedBefore, stored: stored - storedBefore };
  return { ...counted, startedAt, endedAt, latestMs: Math.round(latestMs) };
}

answer({
  async begin(orders: GeneratorOrders) {
    const { host, username, password } = new URL(orders.natsUrl);
    nats = await connect({ servers: host, user: username, pass: password, inboxPrefix: inboxPrefixOf('payments') });
    tenants = orders.tenants;
    inbox = createInbox(inboxPrefixOf('payments'));
    nats.subscribe(inbox, {
      callback: (error, message) => {
        if (error === null && message.headers === undefined && !message.string().includes('"error"')) stored += 1;
      },
    });
    await nats.flush();
  },
  generate,
});
