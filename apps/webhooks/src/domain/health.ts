/**
 * When an endpoint that only fails is spoken of, and when it is switched off.
 *
 * | failing for | 1 h    | 24 h   | 72 h   | 120 h                                                                   |
 * | then        | notice | notice | notice | disabled, if it failed 20 times, the first and the last 12 hours apart  |
 *
 * Time alone would switch off an endpoint that nobody wrote to, count alone one that was down for a busy minute, and
 * both together one whose bad hour was five days ago.
 */
const hour = 3_600_000;
export const noticesAfterMs: readonly number[] = [1 * hour, 24 * hour, 72 * hour];
export const disableAfter = { silenceMs: 120 * hour, failures: 20, spreadMs: 12 * hour } as const;
/** From then on the rule is looked at again this often: the count or the spread may still come. */
const againMs = hour;

/** Answers that mean a wrong address or request more often than a bad day. They are tried again all the same. */
const permanent = new Set([400, 401, 403, 404, 413, 415, 422]);
export const suspectAfter = 3;

/** What one attempt says of its endpoint. */
export interface Observation {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly succeeded: boolean;
  readonly exhausted: boolean;
  readonly status: number | null;
  readonly at: Date;
}

/** What a batch of attempts says of one endpoint: whether it ever succeeded, and how it failed since. */
export interface Streak {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly succeeded: boolean;
  readonly failures: number;
  readonly exhausted: number;
  readonly suspects: number;
  readonly firstAt: Date | null;
  readonly lastAt: Date | null;
  readonly lastStatus: number | null;
}

/** One for each endpoint, in the order of their ids, so that two batches cannot wait for each other. */
export function streaksOf(observations: readonly Observation[]): Streak[] {
  const streaks = new Map<string, Streak>();
  for (const seen of observations) streaks.set(seen.endpointId, extended(streaks.get(seen.endpointId), seen));
  return [...streaks.values()].toSorted((a, b) => (a.endpointId < b.endpointId ? -1 : 1));
}

function extended(streak: Streak | undefined, seen: Observation): Streak {
  const { tenantId, endpointId, at, status } = seen;
  const none = { failures: 0, exhausted: 0, suspects: 0, firstAt: null, lastAt: null, lastStatus: null };
  if (seen.succeeded) return { tenantId, endpointId, succeeded: true, ...none };
  const before = streak ?? { tenantId, endpointId, succeeded: false, ...none };
  return {
    ...before,
    failures: before.failures + 1,
    exhausted: before.exhausted + (seen.exhausted ? 1 : 0),
    suspects: before.suspects + (status !== null && permanent.has(status) ? 1 : 0),
    ...{ firstAt: before.firstAt ?? at, lastAt: at, lastStatus: status },
  };
}

/** How an endpoint is doing, as it is shown. */
export interface EndpointHealth {
  readonly failingSince: Date | null;
  readonly failures: number;
  readonly exhausted: number;
  readonly suspects: number;
  readonly lastFailureAt: Date | null;
  readonly lastStatus: number | null;
}

/** An endpoint that has not succeeded since it failed. */
export interface Failing {
  readonly since: Date;
  readonly failures: number;
  readonly lastFailureAt: Date;
  /** Notices said so far. */
  readonly notices: number;
}

export interface Assessment {
  readonly disable: boolean;
  /** Notices that should have been said by now; one more than before is one to say. */
  readonly notices: number;
  readonly assessAt: Date;
}

export function assess(failing: Failing, now: Date): Assessment {
  const silence = now.getTime() - failing.since.getTime();
  const spread = failing.lastFailureAt.getTime() - failing.since.getTime();
  const disable =
    silence >= disableAfter.silenceMs && failing.failures >= disableAfter.failures && spread >= disableAfter.spreadMs;
  const notices = Math.max(failing.notices, noticesAfterMs.filter((after) => silence >= after).length);
  const next = [...noticesAfterMs, disableAfter.silenceMs].find((after) => silence < after);
  const assessAt = new Date(next === undefined ? now.getTime() + againMs : failing.since.getTime() + next);
  return { disable, notices, assessAt };
}

/** The reason that a notice bears: `failing_1h`, `failing_24h`, `failing_72h`. */
export function noticeReason(notices: number): string {
  return `failing_${(noticesAfterMs[notices - 1] ?? 0) / hour}h`;
}
