import fc from 'fast-check';
import { catalogue, eventTypes } from './catalogue.ts';
import { overlaps, patternsOverlap } from './subjects.ts';
import { durables, durablesOf, inboxPrefixOf, natsUsers, permissions, serviceStreams, services } from './topology.ts';
import { streamNames, streamOf, streams } from './topology.ts';

const may = (patterns: readonly string[], subject: string) => patterns.some((p) => patternsOverlap(p, subject));

describe('overlaps', () => {
  it.each([
    ['payment.>', 'payment.posted', true],
    ['payment.>', 'payment', false],
    ['payment.>', 'payment_link.created', false],
    ['*.posted', 'payment.*', true],
    ['*.posted', 'payment.failed', false],
    ['a.*.c', 'a.b.c.d', false],
    ['>', 'anything.at.all', true],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlaps([a, b])).toEqual(expected ? [[a, b]] : []);
  });

  it('agrees with a subject drawn from one of the patterns', () => {
    const token = fc.constantFrom('a', 'b', '*');
    const pattern = fc.array(token, { minLength: 1, maxLength: 3 }).map((tokens) => tokens.join('.'));
    const subject = fc
      .array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 })
      .map((tokens) => tokens.join('.'));
    fc.assert(
      fc.property(pattern, pattern, subject, (a, b, s) => {
        fc.pre(patternsOverlap(a, s) && patternsOverlap(b, s));
        expect(patternsOverlap(a, b)).toBe(true);
      }),
    );
  });
});

describe('streams', () => {
  it('never overlap, so that the server takes them and an event is stored once', () => {
    expect(overlaps(streamNames.flatMap((name) => [...streams[name].subjects]))).toEqual([]);
  });

  it.each(streamNames)('%s refuses when full, keeps two weeks and cannot be rewritten', (name) => {
    expect(streams[name]).toMatchObject({
      name,
      retention: 'limits',
      storage: 'file',
      discard: 'new',
      max_age: 14 * 24 * 3600 * 1e9,
      max_msg_size: 262_144,
      duplicate_window: 120e9,
      deny_delete: name !== 'DLQ',
      deny_purge: name !== 'DLQ',
      allow_direct: true,
    });
    expect(streams[name].max_bytes).toBeGreaterThan(0);
  });

  it('are published by the service that produces their events', () => {
    const producers = eventTypes.map((type) => [catalogue[type].stream, catalogue[type].producer]);
    const expected = new Map(services.map((service): [string, string] => [streamOf[service], service]));
    expect(producers.filter(([stream, producer]) => stream !== 'POLICY' && expected.get(stream!) !== producer)).toEqual(
      [],
    );
  });
});

describe('durables', () => {
  it('are one per consuming service and stream, and one for the demo subscriber on each service stream', () => {
    const names = durables.map(({ stream, config }) => `${config.durable_name} reads ${stream}`);
    expect(names).toEqual([
      'payments reads BILLING',
      'payments reads RECONCILIATION',
      'billing reads PAYMENTS',
      'billing reads RECONCILIATION',
      'billing reads POLICY',
      'reconciliation reads PAYMENTS',
      'reconciliation reads BILLING',
      'webhooks reads PAYMENTS',
      'webhooks reads BILLING',
      'webhooks reads RECONCILIATION',
      'demo reads PAYMENTS',
      'demo reads BILLING',
      'demo reads RECONCILIATION',
      'demo reads WEBHOOKS',
    ]);
  });

  it('never let the server give a message up', () => {
    const given = durables.filter(({ config }) => config.max_deliver !== -1 || config.ack_policy !== 'explicit');
    expect(given).toEqual([]);
  });
});

describe('permissions', () => {
  it.each(natsUsers)('%s holds neither everything nor the whole JetStream API', (user) => {
    const { publish, subscribe } = permissions(user);
    expect([...publish, ...subscribe].filter((p) => ['>', '*', '$JS.>', '$JS.API.>', '$SYS.>'].includes(p))).toEqual(
      [],
    );
    expect(publish.filter((p) => patternsOverlap(p, '$JS.API.STREAM.DELETE.PAYMENTS'))).toEqual([]);
    expect(publish.filter((p) => patternsOverlap(p, '$JS.API.STREAM.PURGE.PAYMENTS'))).toEqual([]);
  });

  it.each(natsUsers)('%s can hear its own replies', (user) => {
    expect(may(permissions(user).subscribe, `${inboxPrefixOf(user)}.x.1`)).toBe(true);
  });

  it.each(services)('%s publishes the events of its own stream and no other', (service) => {
    const { publish } = permissions(service);
    const allowed = eventTypes.filter((type) => may(publish, type));
    expect(allowed).toEqual(eventTypes.filter((type) => catalogue[type].stream === streamOf[service]));
    expect([may(publish, `dlq.${service}`), may(publish, `wake.${service}`)]).toEqual([true, true]);
  });

  it.each(services)('%s makes no stream or consumer and reads only its own durables', (service) => {
    const { publish } = permissions(service);
    for (const name of streamNames) {
      expect(may(publish, `$JS.API.STREAM.CREATE.${name}`)).toBe(false);
      expect(may(publish, `$JS.API.CONSUMER.CREATE.${name}.${service}`)).toBe(false);
      const reads = durablesOf(service).some((durable) => durable.stream === name);
      expect(may(publish, `$JS.API.CONSUMER.MSG.NEXT.${name}.${service}`)).toBe(reads);
      expect(may(publish, `$JS.ACK.${name}.${service}.1.2.3.4.5`)).toBe(reads);
      expect(may(publish, `$JS.API.CONSUMER.MSG.NEXT.${name}.demo`)).toBe(false);
    }
  });

  it('lets the demo subscriber hear every event of the four streams and publish none', () => {
    const { publish, subscribe } = permissions('demo');
    const ours = eventTypes.filter((type) => catalogue[type].stream !== 'POLICY');
    expect(eventTypes.filter((type) => may(subscribe, type))).toEqual(ours);
    expect(eventTypes.filter((type) => may(publish, type))).toEqual([]);
    expect(serviceStreams.every((name) => may(publish, `$JS.API.CONSUMER.MSG.NEXT.${name}.demo`))).toBe(true);
    expect(subscribe).toContain('_INBOX.>');
  });

  it('lets a policy system say what happened to policies and nothing else', () => {
    expect(permissions('policy')).toEqual({ publish: ['policy.>'], subscribe: ['_INBOX.>'] });
  });

  it('lets provisioning make every stream and durable, and delete dead letters only', () => {
    const { publish } = permissions('provisioner');
    expect(streamNames.every((name) => may(publish, `$JS.API.STREAM.CREATE.${name}`))).toBe(true);
    const made = durables.map(({ stream, config }) => `$JS.API.CONSUMER.CREATE.${stream}.${config.durable_name}`);
    expect(made.every((subject) => may(publish, subject))).toBe(true);
    expect(streamNames.filter((name) => may(publish, `$JS.API.STREAM.MSG.DELETE.${name}`))).toEqual(['DLQ']);
    expect(eventTypes.filter((type) => may(publish, type))).toEqual([]);
  });
});
