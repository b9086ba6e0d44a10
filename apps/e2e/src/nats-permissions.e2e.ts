import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { inboxPrefixOf, serviceStreams, services, streamNames, streamOf, streams } from '@quittance/events/topology';
import type { NatsUser } from '@quittance/events/topology';
import { eventually } from '@quittance/testing/eventually';
import { PolicySystem } from '../../../tools/demo/bus.ts';
import { policyBody } from '../../../tools/demo/first-month.ts';
import { apiOf, stack } from './stack.ts';

type Deed = { publish: string } | { subscribe: string };

/** A user of the broker, and what the server says to each of its deeds. */
class Person {
  private readonly objections: string[] = [];

  private constructor(readonly connection: NatsConnection) {
    void this.listen();
  }

  static async of(user: NatsUser): Promise<Person> {
    const { host, username, password } = new URL(stack.natsUrls[user]);
    const inboxPrefix = inboxPrefixOf(user);
    return new Person(await connect({ servers: host, user: username, pass: password, name: 'e2e', inboxPrefix }));
  }

  /**
   * The server answers in order, so that with the flush an objection to the deed has come, or there is none. A second
   * round trip gives the loop below its turn to see it.
   */
  async tries(deed: Deed): Promise<'allowed' | 'refused'> {
    const before = this.objections.length;
    if ('publish' in deed) this.connection.publish(deed.publish, '{}', { reply: `${inboxPrefixOf('demo')}.x` });
    else this.connection.subscribe(deed.subscribe, { callback: () => undefined });
    await this.connection.flush();
    await this.connection.flush();
    const said = this.objections.slice(before);
    if (said.length === 0) return 'allowed';
    expect(said).toEqual([expect.stringMatching(/permissions violation/i)]);
    return 'refused';
  }

  private async listen(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'error') this.objections.push(status.error.message);
    }
  }
}

const users = [...services, 'demo', 'policy'] as const;

/** A stream whose events the user may not publish, and whose state it may not touch; `PAYMENTS` but for payments. */
const foreignStream = (user: (typeof users)[number]) => (user === 'payments' ? 'BILLING' : 'PAYMENTS');
const foreignSubject = (user: (typeof users)[number]) => (user === 'payments' ? 'schedule.created' : 'payment.posted');

const abuses = (user: (typeof users)[number]): [string, Deed][] => {
  const stream = foreignStream(user);
  // the subscriber may hear every event; what it may not hear is what services say to themselves
  const unheard = user === 'demo' ? 'wake.payments' : foreignSubject(user);
  return [
    ['publish what another service says', { publish: foreignSubject(user) }],
    ['delete a stream', { publish: `$JS.API.STREAM.DELETE.${stream}` }],
    ['make a consumer', { publish: `$JS.API.CONSUMER.CREATE.${stream}.spy` }],
    ['get a message directly', { publish: `$JS.API.DIRECT.GET.${stream}` }],
    ['subscribe to what is not its business', { subscribe: unheard }],
    ["subscribe to a service's inbox", { subscribe: `_INBOX_${user === 'billing' ? 'webhooks' : 'billing'}.>` }],
  ];
};

/** The same with other words: what a list of subjects might have left open. */
const furtherAbuses: [string, Deed][] = [
  ['create a stream', { publish: '$JS.API.STREAM.CREATE.MINE' }],
  ['update a stream', { publish: '$JS.API.STREAM.UPDATE.PAYMENTS' }],
  ['purge a stream', { publish: '$JS.API.STREAM.PURGE.POLICY' }],
  ['delete a message', { publish: '$JS.API.STREAM.MSG.DELETE.PAYMENTS' }],
  ['read a message by its number', { publish: '$JS.API.STREAM.MSG.GET.PAYMENTS' }],
  ['make a durable the old way', { publish: '$JS.API.CONSUMER.DURABLE.CREATE.PAYMENTS.spy' }],
  ["delete somebody's consumer", { publish: '$JS.API.CONSUMER.DELETE.PAYMENTS.webhooks' }],
  ['restore a stream', { publish: '$JS.API.STREAM.RESTORE.PAYMENTS' }],
  ['hear everything', { subscribe: '>' }],
  ['hear the system', { subscribe: '$SYS.>' }],
  ['hear the answers to everybody', { subscribe: '*.>' }],
];

describe.each(users)('%s', (user) => {
  let person: Person;

  beforeAll(async () => {
    person = await Person.of(user);
  });

  afterAll(() => person.connection.close());

  it.each(abuses(user))('may not %s', async (_what, deed) => {
    expect(await person.tries(deed)).toBe('refused');
  });

  it.each(furtherAbuses)('may not %s', async (_what, deed) => {
    expect(await person.tries(deed)).toBe('refused');
  });

  it('may listen to its own inbox', async () => {
    expect(await person.tries({ subscribe: `${inboxPrefixOf(user)}.mine.>` })).toBe('allowed');
  });
});

describe("what is a user's business is allowed", () => {
  it.each(services)('%s looks at its stream and its durables, and wakes itself', async (service) => {
    const { connection } = await Person.of(service);
    const ask = async (subject: string) => (await connection.request(subject)).json<{ error?: unknown }>();
    expect((await ask('$JS.API.INFO')).error).toBeUndefined();
    expect((await ask(`$JS.API.STREAM.INFO.${streamOf[service]}`)).error).toBeUndefined();
    if (service === 'billing') expect((await ask('$JS.API.CONSUMER.INFO.POLICY.billing')).error).toBeUndefined();
    const woken = new Promise((resolve) => {
      connection.subscribe(`wake.${service}`, { callback: resolve });
    });
    connection.publish(`wake.${service}`);
    await woken;
    await connection.close();
  });

  it.each(serviceStreams)('the subscriber hears %s, and pulls from its durable there', async (name) => {
    const { connection } = await Person.of('demo');
    const objections: unknown[] = [];
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') objections.push(status.error);
    })();
    for (const subject of streams[name].subjects) connection.subscribe(subject, { callback: () => undefined });
    const consumer = await jetstream(connection).consumers.get(name, 'demo');
    const message = await consumer.next({ expires: 1_000 });
    expect(await message?.ackAck()).toBe(message ? true : undefined);
    await connection.flush();
    await connection.flush();
    expect(objections).toEqual([]);
    await connection.close();
  });

  it('the policy system publishes, and the stream acknowledges', async () => {
    const policySystem = await PolicySystem.open(stack.info.policyNatsUrl);
    const policyLocator = randomUUID();
    const body = { ...policyBody('PH-1', '2030-01-01', 'pm'), policyLocator, collection: 'invoice' };
    await policySystem.publish({ id: randomUUID(), type: 'policy.issued', tenantid: stack.second.id, data: body });
    await policySystem.close();
    const issued = await eventually(async () => {
      const { status, body } = await apiOf(stack.second).get(`/policies/${policyLocator}`);
      return status === 200 && body;
    });
    expect(issued).toMatchObject({ locator: policyLocator, collection: 'invoice' });
  });
});

it('the streams are the ones of the topology', async () => {
  const { connection } = await Person.of('provisioner');
  const answer = await connection.request('$JS.API.STREAM.NAMES');
  expect(answer.json<{ streams: string[] }>().streams.toSorted()).toEqual(streamNames.toSorted());
  await connection.close();
});
