import {
  changeEndpoint,
  defaultSettings,
  disableEndpoint,
  endpointTransitions,
  misses,
  refuseUnknownTypes,
  removeEndpoint,
  shardOf,
  tellOf,
  wants,
} from './endpoint.ts';
import type { Endpoint, EndpointChange, EndpointCommand, EndpointState } from './endpoint.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const endpoint = (over: Partial<Endpoint> = {}): Endpoint => ({
  tenantId: 't',
  id: 'e',
  shard: 1,
  url: 'https://example.com/',
  ...defaultSettings,
  state: 'active',
  disabledReason: null,
  ...{ timeoutSeconds: null, auth: { type: 'none' }, headerNames: [], verifiedAt: null },
  holdUntil: null,
  breakerOpenedAt: null,
  version: 4,
  createdAt: now,
  updatedAt: now,
  ...over,
});
const states = Object.keys(endpointTransitions) as EndpointState[];

const commands: Record<EndpointCommand, (e: Endpoint) => EndpointState> = {
  activate: (e) => changeEndpoint(e, { state: 'active' }, now).next.state,
  pause: (e) => changeEndpoint(e, { state: 'paused' }, now).next.state,
  disable: (e) => disableEndpoint(e, 'gone', now).next.state,
  remove: (e) => removeEndpoint(e, now).state,
};
const allowed: Record<EndpointState, Partial<Record<EndpointCommand, EndpointState>>> = {
  active: { activate: 'active', pause: 'paused', disable: 'disabled', remove: 'deleting' },
  paused: { activate: 'active', pause: 'paused', disable: 'disabled', remove: 'deleting' },
  disabled: { activate: 'active', disable: 'disabled', remove: 'deleting' },
  deleting: {},
  deleted: {},
};

describe('every state and command', () => {
  const pairs = states.flatMap((state) =>
    (Object.keys(commands) as EndpointCommand[]).map((command) => [state, command] as const),
  );
  it.each(pairs)('%s, %s', (state, command) => {
    const expected = allowed[state][command];
    const run = () => commands[command](endpoint({ state }));
    if (expected === undefined) expect(run).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
    else expect(run()).toBe(expected);
  });
});

describe('changeEndpoint', () => {
  it('switching a disabled endpoint on raises the version by its one event and forgets the hold', () => {
    const disabled = endpoint({ state: 'disabled', disabledReason: 'gone', holdUntil: now });
    const { next, facts } = changeEndpoint(disabled, { state: 'active' }, now);
    expect(facts).toEqual([{ type: 'enabled' }]);
    expect(next).toMatchObject({ version: 5, disabledReason: null, holdUntil: null });
  });

  it('a change without an event leaves the version alone, or a subscriber would wait for a gap', () => {
    expect(changeEndpoint(endpoint(), { state: 'paused', url: 'https://b.example/' }, now)).toMatchObject({
      facts: [],
      next: { version: 4, url: 'https://b.example/', state: 'paused' },
    });
  });

  it('absent keeps, null clears', () => {
    const full = endpoint({ eventTypes: ['payment.posted'], description: 'books' });
    expect(changeEndpoint(full, {}, now).next).toEqual(full);
    expect(changeEndpoint(full, { eventTypes: null, description: null }, now).next).toMatchObject({
      eventTypes: null,
      description: null,
    });
  });
});

it('disabling twice is one event', () => {
  const { next, facts } = disableEndpoint(endpoint(), 'gone', now);
  expect(facts).toEqual([{ type: 'disabled', reason: 'gone' }]);
  expect(next.version).toBe(5);
  expect(disableEndpoint(next, 'gone', now)).toEqual({ next, facts: [] });
});

it('what is only told raises the version by its one event and changes nothing else', () => {
  const { next, facts } = tellOf(endpoint(), { type: 'failing', reason: 'failing_1h' });
  expect(next).toEqual(endpoint({ version: 5 }));
  expect(facts).toEqual([{ type: 'failing', reason: 'failing_1h' }]);
});

it.each(states)('%s misses what it would have, when it is disabled and only then', (state) => {
  expect(misses(endpoint({ state }), 'payment.posted')).toBe(state === 'disabled');
  expect(misses(endpoint({ state, eventTypes: ['payment.failed'] }), 'payment.posted')).toBe(false);
});

describe('wants', () => {
  it('a type stands for all its versions: which of them is sent is the endpoint’s pin', () => {
    expect(wants(endpoint({ eventTypes: ['payment.posted'] }), 'payment.posted.v2')).toBe(true);
    expect(wants(endpoint({ eventTypes: ['payment.posted.v2'] }), 'payment.posted.v2')).toBe(true);
    expect(wants(endpoint({ eventTypes: ['payment.posted.v2'] }), 'payment.posted')).toBe(false);
  });

  it.each(states)('%s', (state) => {
    const receives = state === 'active' || state === 'paused';
    expect(wants(endpoint({ state }), 'payment.posted')).toBe(receives);
    expect(wants(endpoint({ state, eventTypes: ['payment.posted'] }), 'payment.posted')).toBe(receives);
    expect(wants(endpoint({ state, eventTypes: ['payment.failed'] }), 'payment.posted')).toBe(false);
    expect(wants(endpoint({ state, eventTypes: [] }), 'payment.posted')).toBe(false);
    expect(wants(endpoint({ state, eventTypes: ['refund.*', 'payment.*'] }), 'payment.posted')).toBe(receives);
  });
});

it('names every unknown type by its place', () => {
  const known = (type: string) => type === 'payment.posted';
  expect(() => refuseUnknownTypes(['payment.posted', 'x', 'y'], known)).toThrow(
    expect.objectContaining({
      code: 'event_type_unknown',
      context: {
        errors: [
          expect.objectContaining({ pointer: '/eventTypes/1' }),
          expect.objectContaining({ pointer: '/eventTypes/2' }),
        ],
      },
    }),
  );
  expect(() => refuseUnknownTypes(null, known)).not.toThrow();
});

it('spreads ids over all shards and never moves one', () => {
  const ids = Array.from({ length: 6400 }, (_, at) => `0199a3c4-7f1e-7b52-9c1d-${at.toString(16).padStart(12, '0')}`);
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(shardOf(id), (counts.get(shardOf(id)) ?? 0) + 1);
  expect(counts.size).toBe(64);
  expect(Math.max(...counts.values())).toBeLessThan(200);
  // Stored with every row: were the function to change, rows would belong to shards that nobody looks for them in.
  expect(shardOf('0199a3c4-7f1e-7b52-9c1d-3e5f60718293')).toBe(48);
});

it('consent is for one URL: another one has to be asked anew, the same one written again has not', () => {
  const verified = endpoint({ verifiedAt: now });
  const after = (change: EndpointChange) => changeEndpoint(verified, change, now).next.verifiedAt;
  expect(after({ url: 'https://elsewhere.example/' })).toBeNull();
  expect(after({ url: verified.url, description: 'books', state: 'paused' })).toBe(now);
});
