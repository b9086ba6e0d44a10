// The two outsiders on NATS: a downstream system that listens to every event, and a policy system that publishes.
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { EventData, EventType } from '@quittance/events/catalogue';
import { decode, isKnown } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { serviceStreams, streams } from '@quittance/events/topology';

const KEPT_MAX = 20_000;

export function connectTo(url: string, name: string): Promise<NatsConnection> {
  const { host, username, password } = new URL(url);
  return connect({ servers: host, user: decodeURIComponent(username), pass: decodeURIComponent(password), name });
}

/** A plain subscription, as `nats sub payment.posted` makes it: what is published while it listens. */
export class Listener {
  private readonly events = new Map<string, QuittanceEvent>();

  private constructor(private readonly connection: NatsConnection) {}

  static async open(url: string): Promise<Listener> {
    const listener = new Listener(await connectTo(url, 'demo-listener'));
    for (const subject of serviceStreams.flatMap((name) => streams[name].subjects)) {
      listener.connection.subscribe(subject, { callback: (_error, message) => listener.keep(message) });
    }
    await listener.connection.flush();
    return listener;
  }

  /** The events of a type whose data fits, in the order in which they came. */
  all<T extends EventType>(type: T, fits: (data: EventData<T>) => boolean = () => true): QuittanceEvent<T>[] {
    return [...this.events.values()].filter(
      (event): event is QuittanceEvent<T> => event.type === type && fits(event.data as EventData<T>),
    );
  }

  /** How many of each type a tenant had. */
  counts(tenantId: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { type, tenantid } of this.events.values()) {
      if (tenantid === tenantId) counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    return counts;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private keep(message: Parameters<typeof decode>[0] | null): void {
    if (!message) return;
    const event = decode(message);
    // a message that was published again is the same event
    if (isKnown(event) && this.events.size < KEPT_MAX) this.events.set(event.id, event);
  }
}

/** What a policy system sends: CloudEvents in the structured form, acknowledged by the stream. */
export class PolicySystem {
  private constructor(private readonly connection: NatsConnection) {}

  static async open(url: string): Promise<PolicySystem> {
    return new PolicySystem(await connectTo(url, 'demo-policy-system'));
  }

  async publish(event: { id: string; type: string; tenantid: string; data: unknown }): Promise<void> {
    const time = new Date().toISOString();
    const body = { specversion: '1.0', source: '/demo/policy-system', datacontenttype: 'application/json', time };
    const sent = headers();
    sent.set('content-type', 'application/cloudevents+json');
    // no message id: the stream keeps every copy, so that it is the consumer that has to notice
    await jetstream(this.connection).publish(event.type, JSON.stringify({ ...body, ...event }), { headers: sent });
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
