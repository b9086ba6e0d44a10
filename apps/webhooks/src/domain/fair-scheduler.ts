import { endpointAllowance, retriesMayStart, tenantAllowance } from './allowance.ts';
import { Fifo } from './fifo.ts';

/** Slot time that one turn is good for: many quick requests, or a part of a slow one that later turns pay off. */
const quantumMs = 10;
/** However long it held its slots, after this much slot time it has paid. */
const debtMaxMs = 1_000;
/** Looked at again with every answer: enough that they come up faster than they are put aside. */
const reviewed = 2;

export type Kind = 'fresh' | 'retry';

/** Where something is that takes turns: nowhere, in its ring, over its allowance, or waiting as a retry for a slot. */
type Place = 'out' | 'ring' | 'capped' | 'retries';

/** What the scheduler remembers of an endpoint. Nobody else writes into it. */
export class Share {
  place: Place = 'out';
  credit = 0;
  inFlight = 0;
  /** What a request of it will cost, by those before; corrected when its answer is there. */
  estimateMs = quantumMs;
  started = 0;
  isCounted = false;
  isListed = false;
}

export interface Turn {
  readonly tenantId: string;
  readonly share: Share;
  /** First tries that wait. */
  readonly fresh: number;
  readonly retries: number;
  /** At least 1. */
  limit(): number;
}

interface Tenant<T> {
  readonly id: string;
  readonly ring: Fifo<T>;
  place: 'out' | 'ring' | 'capped';
  credit: number;
  inFlight: number;
}

/**
 * Who may start the next request: deficit round robin over tenants by weight, and over the endpoints of each, charged
 * in milliseconds of slot time, so that a slow endpoint pays for what it holds. Nobody has more under way than there
 * are slots still free (twice that for a tenant), so that whoever is slow leaves room, and may have everything while
 * nobody else asks.
 *
 * A decision costs the same however many endpoints there are: whoever is over its allowance is put aside and comes back
 * with an answer of its own, or when it is its turn to be looked at again. Put aside means that something is under way,
 * so nobody is forgotten.
 */
export class FairScheduler<T extends Turn> {
  private used = 0;
  private retriesUsed = 0;
  private freshWaiting = 0;
  private readonly tenants = new Map<string, Tenant<T>>();
  private readonly ring = new Fifo<Tenant<T>>();
  private readonly cappedTenants = new Set<Tenant<T>>();
  private readonly capped = new Set<T>();
  private readonly waitingRetries = new Fifo<T>();

  constructor(
    private slots: number,
    private readonly weightOf: (tenantId: string) => number = () => 1,
  ) {}

  get inFlight(): number {
    return this.used;
  }

  resize(slots: number): void {
    this.slots = slots;
  }

  /** It has something to send. Joining twice is joining once. */
  join(turn: T): void {
    const { place } = turn.share;
    if (place === 'out' || (place === 'retries' && turn.fresh > 0)) this.enter(turn);
    else this.recount(turn);
  }

  /** Whose turn it is; it then has to `start` or to `leave`. */
  next(): T | undefined {
    while (this.free > 0) {
      const tenant = this.ring.peek();
      if (tenant === undefined) return undefined;
      const turn = tenant.ring.peek();
      if (turn === undefined) this.retireTenant(tenant);
      else if (tenant.inFlight >= tenantAllowance(this.free)) this.capTenant(tenant);
      else if (tenant.credit <= 0) {
        tenant.credit += quantumMs * this.weightOf(tenant.id);
        this.ring.rotate();
      } else if (this.isNext(tenant, turn)) return turn;
    }
    return undefined;
  }

  /** Takes a slot, paid by what such a request has cost so far. */
  start(turn: T): Kind {
    const kind = this.kindOf(turn) ?? 'fresh';
    const { share } = turn;
    const tenant = this.tenantOf(turn.tenantId);
    this.used += 1;
    if (kind === 'retry') this.retriesUsed += 1;
    share.inFlight += 1;
    share.started += 1;
    tenant.inFlight += 1;
    charge(share, share.estimateMs);
    charge(tenant, share.estimateMs);
    return kind;
  }

  /** It has nothing, or may send nothing now; to be called for what `next` gave. */
  leave(turn: T): void {
    this.tenantOf(turn.tenantId).ring.shift();
    this.put(turn, 'out');
  }

  finish(turn: T, kind: Kind, heldMs: number): void {
    const { share } = turn;
    const tenant = this.tenantOf(turn.tenantId);
    this.used -= 1;
    if (kind === 'retry') this.retriesUsed -= 1;
    share.inFlight -= 1;
    tenant.inFlight -= 1;
    charge(share, heldMs - share.estimateMs);
    charge(tenant, heldMs - share.estimateMs);
    share.estimateMs += (heldMs - share.estimateMs) / 8;
    if (this.capped.delete(turn)) this.enter(turn);
    if (this.cappedTenants.delete(tenant)) this.enterTenant(tenant);
    this.review();
    if (tenant.place === 'out' && tenant.inFlight === 0 && tenant.ring.length === 0) this.tenants.delete(tenant.id);
  }

  private get free(): number {
    return Math.max(0, this.slots - this.used);
  }

  private isNext(tenant: Tenant<T>, turn: T): boolean {
    const { share } = turn;
    if (turn.fresh + turn.retries === 0) this.leave(turn);
    else if (share.inFlight >= endpointAllowance(this.free, turn.limit())) {
      tenant.ring.shift();
      this.put(turn, 'capped');
      this.capped.add(turn);
    } else if (this.kindOf(turn) === undefined) {
      tenant.ring.shift();
      this.put(turn, 'retries');
      if (!share.isListed) this.waitingRetries.push(turn);
      share.isListed = true;
    } else if (share.credit <= 0) {
      share.credit += quantumMs;
      tenant.ring.rotate();
    } else {
      this.recount(turn);
      return true;
    }
    return false;
  }

  /** Within one endpoint three of ten are retries while it has both. */
  private kindOf({ fresh, retries, share }: T): Kind | undefined {
    const may = retries > 0 && retriesMayStart(this.retriesUsed, this.free, this.freshWaiting > 0);
    if (fresh > 0) return may && share.started % 10 < 3 ? 'retry' : 'fresh';
    return may ? 'retry' : undefined;
  }

  private enter(turn: T): void {
    const tenant = this.tenantOf(turn.tenantId);
    tenant.ring.push(turn);
    this.put(turn, 'ring');
    if (tenant.place === 'out') this.enterTenant(tenant);
  }

  private enterTenant(tenant: Tenant<T>): void {
    tenant.place = 'ring';
    this.ring.push(tenant);
  }

  private capTenant(tenant: Tenant<T>): void {
    this.ring.shift();
    tenant.place = 'capped';
    this.cappedTenants.add(tenant);
  }

  private retireTenant(tenant: Tenant<T>): void {
    this.ring.shift();
    tenant.place = 'out';
    if (tenant.inFlight === 0) this.tenants.delete(tenant.id);
  }

  /** Some of those who were put aside may have room again, now that a slot is free. */
  private review(): void {
    for (const turn of first(this.capped)) if (this.capped.delete(turn)) this.enter(turn);
    for (const tenant of first(this.cappedTenants)) if (this.cappedTenants.delete(tenant)) this.enterTenant(tenant);
    for (let left = reviewed; left > 0; left -= 1) {
      const turn = this.waitingRetries.shift();
      if (turn === undefined) return;
      turn.share.isListed = false;
      if (turn.share.place === 'retries') this.enter(turn);
    }
  }

  private put(turn: T, place: Place): void {
    turn.share.place = place;
    this.recount(turn);
  }

  private recount(turn: T): void {
    const counts = turn.share.place === 'ring' && turn.fresh > 0;
    if (counts === turn.share.isCounted) return;
    turn.share.isCounted = counts;
    this.freshWaiting += counts ? 1 : -1;
  }

  private tenantOf(id: string): Tenant<T> {
    let tenant = this.tenants.get(id);
    if (tenant === undefined) {
      tenant = { id, ring: new Fifo(), place: 'out', credit: 0, inFlight: 0 };
      this.tenants.set(id, tenant);
    }
    return tenant;
  }
}

function charge(who: { credit: number }, ms: number): void {
  who.credit = Math.max(-debtMaxMs, who.credit - ms);
}

function first<T>(all: ReadonlySet<T>): T[] {
  const some: T[] = [];
  for (const each of all) {
    if (some.length === reviewed) break;
    some.push(each);
  }
  return some;
}
