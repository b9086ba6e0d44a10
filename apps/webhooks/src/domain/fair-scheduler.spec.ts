import fc from 'fast-check';
import { FairScheduler, Share } from './fair-scheduler.ts';
import type { Kind, Turn } from './fair-scheduler.ts';

class Endpoint implements Turn {
  readonly share = new Share();
  fresh = 0;
  retries = 0;
  sent = 0;

  constructor(
    readonly tenantId: string,
    readonly holdMs = 2,
    private readonly limitOf = 32,
  ) {}

  limit(): number {
    return this.limitOf;
  }
}

interface Running {
  readonly endpoint: Endpoint;
  readonly kind: Kind;
  readonly startedAt: number;
  readonly endsAt: number;
}

/** Time that goes from one answer to the next, with as many slots as are said. */
class World {
  readonly scheduler: FairScheduler<Endpoint>;
  readonly log: Running[] = [];
  private running: Running[] = [];
  now = 0;

  constructor(slots: number, weights: Record<string, number> = {}) {
    this.scheduler = new FairScheduler(slots, (tenant) => weights[tenant] ?? 1);
  }

  offer(endpoint: Endpoint, fresh: number, retries = 0): void {
    endpoint.fresh += fresh;
    endpoint.retries += retries;
    this.scheduler.join(endpoint);
    this.pump();
  }

  /** Until this instant, or until nothing is under way. */
  run(until = Infinity): void {
    for (;;) {
      const next = this.running.reduce((least, each) => Math.min(least, each.endsAt), Infinity);
      if (next > until || next === Infinity) break;
      this.now = next;
      const done = this.running.filter(({ endsAt }) => endsAt === next);
      this.running = this.running.filter(({ endsAt }) => endsAt !== next);
      for (const { endpoint, kind, startedAt } of done) this.scheduler.finish(endpoint, kind, next - startedAt);
      this.pump();
    }
    if (until !== Infinity) this.now = until;
  }

  underWay(fits: (endpoint: Endpoint, kind: Kind) => boolean): number {
    return this.running.filter(({ endpoint, kind }) => fits(endpoint, kind)).length;
  }

  /** Slot time used so far by those that fit. */
  slotTime(fits: (endpoint: Endpoint) => boolean): number {
    const mine = this.log.filter(({ endpoint }) => fits(endpoint));
    return mine.reduce((sum, { startedAt, endsAt }) => sum + Math.min(endsAt, this.now) - startedAt, 0);
  }

  private pump(): void {
    for (let endpoint = this.scheduler.next(); endpoint !== undefined; endpoint = this.scheduler.next()) {
      const kind = this.scheduler.start(endpoint);
      if (kind === 'fresh') endpoint.fresh -= 1;
      else endpoint.retries -= 1;
      endpoint.sent += 1;
      const run = { endpoint, kind, startedAt: this.now, endsAt: this.now + endpoint.holdMs };
      this.running.push(run);
      this.log.push(run);
    }
  }
}

describe('F8 slow endpoints', () => {
  it('leave one slot in 1 + k to the others, and a quick one never waits behind them', () => {
    const world = new World(256);
    const slow = Array.from({ length: 10 }, (_, n) => new Endpoint(`slow-${n}`, 900 + 37 * n, 256));
    for (const endpoint of slow) world.offer(endpoint, 100_000);
    world.run(10_000);
    const quick = new Endpoint('quick', 2);
    const free: number[] = [];
    for (let sent = 0; sent < 500; sent += 1) {
      world.offer(quick, 1);
      expect(quick.fresh).toBe(0);
      free.push(256 - world.underWay(() => true));
      world.run(world.now + 11);
    }
    expect(free.reduce((sum, each) => sum + each, 0) / free.length).toBeGreaterThan(256 / 13);
  });

  it('one alone has all the slots that its limit allows', () => {
    const world = new World(256);
    const slow = new Endpoint('slow', 1_000, 32);
    world.offer(slow, 1_000);
    expect(world.underWay(() => true)).toBe(32);
    const wide = new Endpoint('other', 1_000, 256);
    world.offer(wide, 1_000);
    expect(world.underWay((endpoint) => endpoint === wide)).toBe(112);
  });

  it('that were held back get the slots which others leave, without an answer of their own', () => {
    const world = new World(20);
    const [slow, quick] = [new Endpoint('a', 10_000, 20), new Endpoint('b', 10, 20)];
    world.offer(quick, 15);
    world.offer(slow, 100);
    const before = world.underWay((endpoint) => endpoint === slow);
    world.run(100);
    expect(world.underWay((endpoint) => endpoint === slow)).toBeGreaterThan(before);
  });

  it('pay for the slot time they hold: two that always wait share it evenly', () => {
    const world = new World(4);
    const [slow, quick] = [new Endpoint('t', 200, 256), new Endpoint('t', 2, 256)];
    world.offer(quick, 100_000);
    world.offer(slow, 100_000);
    world.run(20_000);
    const share = world.slotTime((endpoint) => endpoint === slow) / world.slotTime(() => true);
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });
});

describe('F9 a tenant that floods', () => {
  it('with a hundred endpoints has at most three times the slot time of one with a single endpoint', () => {
    const world = new World(32);
    for (let n = 0; n < 100; n += 1) world.offer(new Endpoint('flood', 4 + (n % 5)), 1_000);
    const quiet = new Endpoint('quiet', 6.5, 256);
    world.offer(quiet, 1_000);
    world.run(1_000);
    const share = world.slotTime((endpoint) => endpoint === quiet) / world.slotTime(() => true);
    expect(share).toBeGreaterThan(0.25);
  });

  it('does not make another one wait longer than a round of turns', () => {
    const world = new World(16);
    for (let n = 0; n < 100; n += 1) world.offer(new Endpoint('flood', 5), 10_000);
    const waits: number[] = [];
    const quiet = new Endpoint('quiet', 5);
    for (let n = 0; n < 50; n += 1) {
      const asked = world.now;
      world.offer(quiet, 1);
      while (quiet.fresh > 0) world.run(world.now + 1);
      waits.push(world.now - asked);
      world.run(world.now + 7);
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(5);
  });

  it('by its weight a tenant has more', () => {
    const world = new World(8, { heavy: 3 });
    for (let n = 0; n < 40; n += 1) world.offer(new Endpoint(n % 2 === 0 ? 'heavy' : 'light', 5), 1_000);
    world.run(5_000);
    const of = (tenant: string) => world.slotTime(({ tenantId }) => tenantId === tenant);
    const ratio = of('heavy') / of('light');
    expect(ratio).toBeGreaterThan(2.5);
    expect(ratio).toBeLessThan(3.5);
  });
});

describe('F15 50,000 retries at once', () => {
  it('leave first tries their slots, and have all of them when none waits', () => {
    const world = new World(100);
    const failing = Array.from({ length: 50 }, (_, n) => new Endpoint(`tenant-${n}`, 50, 256));
    const healthy = Array.from({ length: 5 }, (_, n) => new Endpoint(`healthy-${n}`, 50, 256));
    for (const endpoint of healthy) world.offer(endpoint, 1_000);
    for (const endpoint of failing) world.offer(endpoint, 0, 1_000);
    world.run(500);
    expect(world.underWay((_, kind) => kind === 'retry')).toBeLessThanOrEqual(30);
    expect(world.underWay((_, kind) => kind === 'retry')).toBeGreaterThanOrEqual(1);
    world.run();
    expect(world.log).toHaveLength(55_000);
    const lastFirstTry = Math.max(...world.log.filter(({ kind }) => kind === 'fresh').map(({ endsAt }) => endsAt));
    const after = world.log.filter(({ kind, startedAt }) => kind === 'retry' && startedAt > lastFirstTry);
    expect(after.length).toBeGreaterThan(40_000);
  });

  it('an endpoint with both sends three retries of ten', () => {
    const world = new World(1);
    const endpoint = new Endpoint('t', 1);
    world.offer(endpoint, 70, 70);
    world.run(99);
    expect(world.log.filter(({ kind }) => kind === 'retry')).toHaveLength(30);
  });
});

const work = fc.record({
  slots: fc.integer({ min: 1, max: 40 }),
  endpoints: fc.array(
    fc.record({
      tenant: fc.integer({ min: 0, max: 4 }),
      holdMs: fc.integer({ min: 1, max: 5_000 }),
      limit: fc.integer({ min: 1, max: 32 }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
  offers: fc.array(
    fc.record({ to: fc.nat(), at: fc.nat({ max: 50 }), fresh: fc.nat({ max: 20 }), retries: fc.nat({ max: 20 }) }),
    { maxLength: 40 },
  ),
});

it('whatever comes: nobody is forgotten, and nobody is over slots or limit', () => {
  fc.assert(
    fc.property(work, ({ slots, endpoints: specs, offers }) => {
      const world = new World(slots);
      const endpoints = specs.map(({ tenant, holdMs, limit }) => new Endpoint(String(tenant), holdMs, limit));
      let offered = 0;
      for (const { to, at, fresh, retries } of offers) {
        const endpoint = endpoints[to % endpoints.length];
        if (endpoint === undefined) continue;
        offered += fresh + retries;
        world.offer(endpoint, fresh, retries);
        world.run(world.now + at);
        expect(world.scheduler.inFlight).toBeLessThanOrEqual(slots);
        for (const each of endpoints) expect(world.underWay((one) => one === each)).toBeLessThanOrEqual(each.limit());
      }
      world.run();
      expect(world.log).toHaveLength(offered);
      expect(endpoints.map(({ fresh, retries }) => fresh + retries)).toEqual(endpoints.map(() => 0));
      expect(world.scheduler.inFlight).toBe(0);
    }),
    { numRuns: 50 },
  );
});

it('one that leaves and joins again has one turn, not two', () => {
  const scheduler = new FairScheduler<Endpoint>(10);
  const [a, b] = [new Endpoint('t', 1, 1), new Endpoint('t', 1, 1)];
  for (const endpoint of [a, b]) {
    endpoint.fresh = 5;
    scheduler.join(endpoint);
  }
  for (let again = 0; again < 3; again += 1) {
    const turn = scheduler.next();
    if (turn === undefined) throw new Error('nobody has a turn');
    scheduler.leave(turn);
    scheduler.join(turn);
    scheduler.join(turn);
  }
  const started = [];
  for (let turn = scheduler.next(); turn !== undefined; turn = scheduler.next()) {
    scheduler.start(turn);
    turn.fresh -= 1;
    started.push(turn);
  }
  expect(new Set(started)).toEqual(new Set([a, b]));
  expect(started).toHaveLength(2);
});

it('with fewer slots than are in use it starts nothing until enough are free', () => {
  const world = new World(10);
  const endpoint = new Endpoint('t', 100, 256);
  world.offer(endpoint, 100);
  const inUse = world.underWay(() => true);
  world.scheduler.resize(2);
  world.run(50);
  expect(world.underWay(() => true)).toBe(inUse);
  world.run(150);
  expect(world.underWay(() => true)).toBe(2);
});
