import {
  acceptMismatch,
  applyOutcome,
  attemptKey,
  attemptStates,
  attemptTransitions,
  createAttempt,
  isOpen,
  nextCheckAt,
} from './attempt.ts';
import type { Attempt, AttemptState } from './attempt.ts';
import type { ProviderOutcome } from './outcome.ts';

const now = new Date('2026-01-15T12:00:00.000Z');
const resolveAfterMs = 1_000;

const submitted: Attempt = {
  ...createAttempt(
    {
      tenantId: 't1',
      id: 'p1',
      attemptNo: 2,
      amountMinor: 10_000n,
      currency: 'USD',
      sourceType: null,
      sourceId: null,
      sourceAttempt: null,
    },
    { provider: 'sandbox', token: 'tok_visa', createdAt: now },
  ),
  state: 'submitted',
  submittedAt: now,
};
const inState = (state: AttemptState): Attempt => ({ ...submitted, state });
const apply = (attempt: Attempt, outcome: ProviderOutcome) => applyOutcome(attempt, outcome, now, resolveAfterMs);

const approved: ProviderOutcome = { kind: 'approved', ref: 'r1', amountMinor: 10_000n, currency: 'USD' };
const declined: ProviderOutcome = {
  kind: 'declined',
  ref: 'r1',
  code: 'insufficient_funds',
  category: 'soft',
  recommendedAction: 'retry_later',
};
const outcomes: Record<ProviderOutcome['kind'], ProviderOutcome> = {
  approved,
  declined,
  pending: { kind: 'pending', ref: 'r1' },
  requires_action: { kind: 'requires_action', ref: 'r1' },
  unknown: { kind: 'unknown', reason: 'timeout' },
  never_reached: { kind: 'never_reached', reason: 'ECONNREFUSED' },
  authorised: { kind: 'authorised', ref: 'r1', amountMinor: 10_000n, currency: 'USD', expiresAt: null },
  voided: { kind: 'voided', ref: 'r1' },
};

/** Where each outcome leads from each state; null is refused. */
const table: Record<AttemptState, Record<ProviderOutcome['kind'], AttemptState | null>> = {
  created: {
    approved: null,
    declined: null,
    pending: null,
    requires_action: null,
    unknown: null,
    never_reached: null,
    authorised: null,
    voided: null,
  },
  submitted: {
    approved: 'succeeded',
    declined: 'failed',
    pending: 'pending',
    requires_action: 'requires_action',
    unknown: 'unknown',
    never_reached: 'unknown',
    authorised: 'unknown',
    voided: 'unknown',
  },
  requires_action: {
    approved: 'succeeded',
    declined: 'failed',
    pending: 'pending',
    requires_action: 'requires_action',
    unknown: 'unknown',
    never_reached: 'unknown',
    authorised: 'unknown',
    voided: 'unknown',
  },
  pending: {
    approved: 'succeeded',
    declined: 'failed',
    pending: 'pending',
    requires_action: 'pending',
    unknown: 'unknown',
    never_reached: 'unknown',
    authorised: 'unknown',
    voided: 'unknown',
  },
  unknown: {
    approved: 'succeeded',
    declined: 'failed',
    pending: 'pending',
    requires_action: 'requires_action',
    unknown: 'unknown',
    never_reached: 'unknown',
    authorised: 'unknown',
    voided: 'unknown',
  },
  succeeded: {
    approved: 'succeeded',
    declined: 'succeeded',
    pending: 'succeeded',
    requires_action: 'succeeded',
    unknown: 'succeeded',
    never_reached: 'succeeded',
    authorised: 'succeeded',
    voided: 'succeeded',
  },
  failed: {
    approved: 'failed',
    declined: 'failed',
    pending: 'failed',
    requires_action: 'failed',
    unknown: 'failed',
    never_reached: 'failed',
    authorised: 'failed',
    voided: 'failed',
  },
};
const cases = attemptStates.flatMap((state) =>
  Object.entries(table[state]).map(([kind, to]) => [state, kind as ProviderOutcome['kind'], to] as const),
);

describe('every pair of state and outcome', () => {
  it.each(cases.filter(([, , to]) => to !== null))('%s, told %s, is %s', (state, kind, to) => {
    expect(apply(inState(state), outcomes[kind]).next.state).toBe(to);
  });

  it.each(cases.filter(([, , to]) => to === null))('%s cannot be told %s', (state, kind) => {
    expect(() => apply(inState(state), outcomes[kind])).toThrow('An attempt cannot go');
  });

  it('ends by an outcome only, and an ended one stays as it is', () => {
    expect(attemptStates.filter((state) => !isOpen(state))).toEqual(['succeeded', 'failed']);
    expect(apply(inState('succeeded'), approved)).toEqual({ next: inState('succeeded'), effect: 'none' });
    expect(apply(inState('failed'), declined)).toEqual({ next: inState('failed'), effect: 'none' });
  });

  it('asks for a person when the second word contradicts the first', () => {
    expect(apply({ ...inState('failed'), operation: 'void' }, outcomes.voided).alarm).toBe('contradiction');
    expect(apply(inState('succeeded'), declined).alarm).toBe('contradiction');
  });
});

it.each(['charge', 'capture'] as const)('calls money after a no a late success: %s', (operation) => {
  const failed = { ...inState('failed'), operation };
  expect(apply(failed, approved)).toEqual({ next: failed, effect: 'none', alarm: 'late_success' });
});

describe('an unknown outcome', () => {
  it('is never failed by the passing of time', () => {
    expect(attemptTransitions.unknown).toContain('failed');
    let attempt = submitted;
    for (let check = 0; check < 100; check++) {
      attempt = { ...apply(attempt, outcomes.unknown).next, checks: check + 1 };
      expect(attempt.state).toBe('unknown');
    }
  });

  it('is asked about after 5 minutes, 1 hour and then daily', () => {
    const minutes = [0, 1, 2, 3, 6, 7, 50].map(
      (checks) => (nextCheckAt(checks, now, 5 * 60_000).getTime() - now.getTime()) / 60_000,
    );
    expect(minutes).toEqual([5, 60, 1440, 1440, 1440, 1440, 1440]);
  });

  it('raises the alarm once, after five daily looks', () => {
    const sixth = apply({ ...inState('unknown'), checks: 6 }, outcomes.unknown);
    expect(sixth).toMatchObject({ effect: 'none', next: { alarmedAt: null } });
    expect(sixth.alarm).toBeUndefined();
    const seventh = apply({ ...inState('unknown'), checks: 7 }, outcomes.unknown);
    expect(seventh).toMatchObject({ alarm: 'unresolved', next: { alarmedAt: now, state: 'unknown' } });
    expect(apply({ ...seventh.next, checks: 8 }, outcomes.unknown).alarm).toBeUndefined();
  });
});

describe('an approval', () => {
  it.each([
    ['another amount', { ...approved, amountMinor: 1_000n }],
    ['another currency', { ...approved, currency: 'EUR' }],
  ])('of %s posts nothing and asks for a person', (_name, outcome) => {
    const { next, effect, alarm } = apply(submitted, outcome);
    expect({ effect, alarm }).toEqual({ effect: 'none', alarm: 'amount_mismatch' });
    expect(next).toMatchObject({ state: 'unknown', nextCheckAt: null, alarmedAt: now, reason: 'amount_mismatch' });
    expect(next).toMatchObject({ confirmedMinor: outcome.amountMinor, confirmedCurrency: outcome.currency });
  });

  it('of another amount can be accepted by a person, once', () => {
    const mismatch = apply(submitted, { ...approved, amountMinor: 1_000n }).next;
    const { next, confirmed, failure } = acceptMismatch(mismatch, now);
    expect(next).toMatchObject({ state: 'failed', finishedAt: now });
    expect(failure).toMatchObject({ code: 'amount_mismatch', category: 'hard', retryable: false });
    expect(confirmed).toEqual({ providerRef: 'r1', amountMinor: 1_000n, currency: 'USD' });
    expect(() => acceptMismatch(next, now)).toThrow('No other amount');
    expect(() => acceptMismatch(apply(submitted, approved).next, now)).toThrow('No other amount');
  });

  it('keeps what was confirmed', () => {
    const { next, effect } = apply(inState('unknown'), approved);
    expect(effect).toBe('charged');
    expect(next).toMatchObject({ providerRef: 'r1', confirmedMinor: 10_000n, finishedAt: now, nextCheckAt: null });
  });
});

it('names an attempt to the provider by payment and number', () => {
  expect(attemptKey(submitted)).toBe('p1_2');
});

describe('operations', () => {
  const authorised = outcomes.authorised;
  const of = (operation: Attempt['operation']): Attempt => ({ ...submitted, operation, chargeRef: 'r0' });

  it.each([
    ['charge', approved, 'charged'],
    ['authorise', authorised, 'authorised'],
    ['capture', approved, 'captured'],
    ['void', outcomes.voided, 'voided'],
  ] as const)('%s ends well with its own word only', (operation, word, effect) => {
    expect(apply(of(operation), word)).toMatchObject({ next: { state: 'succeeded' }, effect });
    const others = [approved, authorised, outcomes.voided].filter((other) => other !== word);
    for (const other of others) {
      const suspect = apply(of(operation), other);
      expect(suspect).toMatchObject({ next: { state: 'unknown', nextCheckAt: null }, effect: 'none' });
      expect(suspect.alarm).toBe('contradiction');
    }
  });

  it('keeps until when an authorisation holds', () => {
    const expiresAt = new Date('2026-01-22T12:00:00.000Z');
    expect(apply(of('authorise'), { ...authorised, expiresAt } as ProviderOutcome).next.expiresAt).toEqual(expiresAt);
  });

  it('keeps where the customer goes on until the outcome is known', () => {
    const waiting = apply(submitted, { kind: 'requires_action', ref: 'r1', url: 'https://bank.example/3ds' });
    expect(waiting.next.actionUrl).toBe('https://bank.example/3ds');
    expect(apply(waiting.next, approved).next.actionUrl).toBeNull();
  });
});
