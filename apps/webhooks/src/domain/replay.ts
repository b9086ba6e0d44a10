import { wants } from './endpoint.ts';
import { DomainError } from './errors.ts';

export type ReplayState = 'running' | 'completed' | 'cancelled' | 'failed';

/** Messages of a range, sent to one endpoint again. Ids are ordered by time, so a range of time is one of ids. */
export interface Replay {
  readonly tenantId: string;
  readonly id: string;
  readonly endpointId: string;
  /** The first id that belongs to it, and the first one after it. */
  readonly fromId: string;
  readonly untilId: string;
  /** Types and patterns of them. null: whatever the endpoint wants. */
  readonly eventTypes: readonly string[] | null;
  /** Only what the endpoint never took: exhausted, aborted, or never a delivery at all. */
  readonly onlyFailed: boolean;
  readonly ratePerSecond: number;
  readonly state: ReplayState;
  readonly failure: string | null;
  /** The last id that was looked at. */
  readonly cursorId: string;
  readonly scanned: number;
  readonly replayed: number;
  /** Sequence of its last event; a step that sends nothing leaves it alone. */
  readonly version: number;
  readonly nextStepAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

export type ReplayRequest = Pick<
  Replay,
  'tenantId' | 'id' | 'endpointId' | 'fromId' | 'untilId' | 'eventTypes' | 'onlyFailed' | 'ratePerSecond'
>;

export function startReplay(request: ReplayRequest, now: Date): Replay {
  if (request.fromId >= request.untilId) {
    throw new DomainError('replay_range_empty', 'The range ends before it begins.', {
      errors: [{ pointer: '/to', detail: 'must be after the beginning of the range' }],
    });
  }
  return {
    ...request,
    ...{ state: 'running', failure: null, cursorId: idBefore(request.fromId), scanned: 0, replayed: 0, version: 0 },
    ...{ nextStepAt: now, createdAt: now, updatedAt: now, finishedAt: null },
  };
}

export function cancelReplay(replay: Replay, now: Date): Replay {
  if (replay.state === 'running') return { ...replay, state: 'cancelled', updatedAt: now, finishedAt: now };
  throw new DomainError('invalid_transition', `A replay that is ${replay.state} cannot be cancelled.`, {
    allowedActions: [],
  });
}

export function failReplay(replay: Replay, failure: string, now: Date): Replay {
  return { ...replay, state: 'failed', failure, updatedAt: now, finishedAt: now };
}

export function postponeReplay(replay: Replay, now: Date, ms: number): Replay {
  return { ...replay, updatedAt: now, nextStepAt: new Date(now.getTime() + ms) };
}

export interface ReplayStep {
  /** The last id of the page that is dealt with; null: there was nothing. */
  readonly lastId: string | null;
  readonly scanned: number;
  readonly replayed: number;
  /** Nothing of the range is left. */
  readonly isEnd: boolean;
}

/** Keeps to the rate by waiting as long as what it has just sent is worth; passing over the rest costs nothing. */
export function advanceReplay(replay: Replay, step: ReplayStep, now: Date): Replay {
  const next = {
    ...replay,
    cursorId: step.lastId ?? replay.cursorId,
    scanned: replay.scanned + step.scanned,
    replayed: replay.replayed + step.replayed,
    version: replay.version + (step.replayed > 0 ? 1 : 0),
    updatedAt: now,
    nextStepAt: new Date(now.getTime() + Math.ceil((step.replayed / replay.ratePerSecond) * 1000)),
  };
  return step.isEnd ? { ...next, state: 'completed', finishedAt: now } : next;
}

/** A message that a step looks at, with what became of it for the endpoint. */
export interface Candidate {
  readonly id: string;
  readonly type: string;
  /** It waits in the queue as it is. */
  readonly isOpen: boolean;
  /** The result of its last delivery; null: it never was one. */
  readonly result: string | null;
}

export interface ReplayChoice<T extends Candidate> {
  readonly chosen: readonly T[];
  readonly step: Omit<ReplayStep, 'replayed'>;
}

export interface ChoiceRules<T extends Candidate> {
  /** Whether the endpoint would have it as a new one. */
  readonly accepts: (candidate: T) => boolean;
  /** How many may be sent now, and how many were asked for: fewer of them means the range is at its end. */
  readonly budget: number;
  readonly pageMax: number;
}

/** What of a page is sent now. What waits already is never sent a second time. */
export function chooseForReplay<T extends Candidate>(
  replay: Pick<Replay, 'eventTypes' | 'onlyFailed'>,
  page: readonly T[],
  { accepts, budget, pageMax }: ChoiceRules<T>,
): ReplayChoice<T> {
  const fits = (candidate: T) =>
    !candidate.isOpen &&
    !(replay.onlyFailed && candidate.result === 'delivered') &&
    wants({ state: 'active', eventTypes: replay.eventTypes }, candidate.type) &&
    accepts(candidate);
  const wanted = page.filter(fits);
  const chosen = wanted.slice(0, budget);
  const isCut = chosen.length < wanted.length;
  const last = isCut ? chosen.at(-1) : page.at(-1);
  const scanned = isCut ? page.findIndex((candidate) => candidate === last) + 1 : page.length;
  return { chosen, step: { lastId: last?.id ?? null, scanned, isEnd: !isCut && page.length < pageMax } };
}

/** The least UUIDv7 of an instant. */
export function idAt(instant: Date): string {
  const hex = Math.max(instant.getTime(), 0).toString(16).padStart(12, '0').slice(-12);
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** When the event of this id happened, as its producer's clock said. */
export function instantOf(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));
}

/** The id just before: a cursor from which this one comes next. */
export function idBefore(id: string): string {
  const value = BigInt(`0x${id.replaceAll('-', '')}`);
  const hex = (value === 0n ? 0n : value - 1n).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
