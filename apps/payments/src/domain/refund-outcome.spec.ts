import type { ProviderOutcome } from './outcome.ts';
import { createPayment, recordExternal } from './payment.ts';
import { applyRefundOutcome, isMethodGone, parseRefundKey, refundKey } from './refund-outcome.ts';
import { refundStates } from './refund-state.ts';
import type { RefundState } from './refund-state.ts';
import { requestRefund, submitRefund } from './refund.ts';
import type { Refund, RefundCase } from './refund.ts';

const now = new Date('2025-01-06T12:00:00.000Z');
const minute = 60_000;
const id = '0194205c-2c00-7000-8000-000000000021';

function sent(changes: Partial<Refund> = {}): RefundCase {
  const input = {
    tenantId: 't',
    id: 'p',
    displayId: 'P-1',
    amountMinor: 10_000n,
    currency: 'USD',
    channel: 'api',
  } as const;
  const { next } = recordExternal(createPayment({ ...input, now }, 'ready').next, '2025-01-05', now);
  const payment = { ...next, provider: 'sandbox', providerRef: 'ch_1' };
  const request = { id, amountMinor: null, reason: 'x', destination: null, requestedBy: 'a', approvalAboveMinor: null };
  const submission = { now, checkAt: now, businessOn: null };
  const at = submitRefund(requestRefund(payment, { ...request, now }), submission);
  return { payment: at.payment, refund: { ...at.refund, ...changes } };
}

const outcomes: Readonly<Record<ProviderOutcome['kind'], ProviderOutcome>> = {
  approved: { kind: 'approved', ref: 're_1', amountMinor: 10_000n, currency: 'USD' },
  declined: {
    ...{ kind: 'declined', ref: 're_1', code: 'account_closed', category: 'hard' },
    recommendedAction: 'refund_by_check',
  },
  pending: { kind: 'pending', ref: 're_1' },
  unknown: { kind: 'unknown', reason: 'timeout' },
  never_reached: { kind: 'never_reached', reason: 'ECONNREFUSED' },
  authorised: { kind: 'authorised', ref: 're_1', amountMinor: 10_000n, currency: 'USD', expiresAt: null },
  voided: { kind: 'voided', ref: 're_1' },
  requires_action: { kind: 'requires_action', ref: 're_1' },
};
const kinds = Object.keys(outcomes) as ProviderOutcome['kind'][];

const hear = (at: RefundCase, outcome: ProviderOutcome, n = 1) =>
  applyRefundOutcome(at, outcome, { n, now, on: '2025-01-08', resolveAfterMs: 5 * minute });

/** Where each word leads from an open state, and the alarm it raises. */
const open: Readonly<Record<ProviderOutcome['kind'], [RefundState, string?]>> = {
  approved: ['succeeded'],
  declined: ['failed'],
  pending: ['processing'],
  unknown: ['unknown'],
  never_reached: ['unknown'],
  authorised: ['unknown', 'contradiction'],
  voided: ['unknown', 'contradiction'],
  requires_action: ['unknown', 'contradiction'],
};

describe('every word in every state', () => {
  const pairs = refundStates.flatMap((state) => kinds.map((kind) => [state, kind] as const));

  it.each(pairs)('%s, %s', (state, kind) => {
    const at = sent({ state });
    const { refund, payment, facts, alarm } = hear(at, outcomes[kind]);
    if (state === 'processing' || state === 'unknown') {
      expect([refund.state, alarm]).toEqual([open[kind][0], open[kind][1]]);
      return;
    }
    expect([refund, payment, facts]).toEqual([at.refund, at.payment, []]);
    const contradicts =
      (kind === 'approved' && state !== 'succeeded') || (kind === 'declined' && state === 'succeeded');
    expect(alarm).toBe(contradicts ? 'contradiction' : undefined);
  });
});

describe('a word of the provider', () => {
  it("that approves gives the money back, on the tenant's date", () => {
    const { refund, payment, facts } = hear(sent(), outcomes.approved);
    expect(payment).toMatchObject({ refundedMinor: 10_000n, refundPendingMinor: 0n });
    expect(refund).toMatchObject({
      providerRef: 're_1',
      effectiveOn: '2025-01-08',
      nextCheckAt: null,
      finishedAt: now,
    });
    expect(facts).toMatchObject([{ type: 'succeeded' }]);
  });

  it('that declines frees the amount, and says why', () => {
    const { refund, payment, facts } = hear(sent(), outcomes.declined);
    expect(payment).toMatchObject({ refundedMinor: 0n, refundPendingMinor: 0n });
    expect(refund.failure).toEqual({ code: 'account_closed', recommendedAction: 'refund_by_check' });
    expect(facts).toMatchObject([{ type: 'failed' }]);
  });

  it.each([
    ['another amount', { amountMinor: 1_000n }],
    ['another currency', { currency: 'EUR' }],
  ])('that confirms %s is for a person, and is not asked about again', (_what, wrong) => {
    const { refund, payment, alarm } = hear(sent(), { ...outcomes.approved, ...wrong });
    expect([alarm, refund.state, refund.nextCheckAt]).toEqual(['amount_mismatch', 'unknown', null]);
    expect(payment).toMatchObject({ refundedMinor: 0n, refundPendingMinor: 10_000n });
  });

  it('about an earlier attempt changes nothing; if it approves, money left twice', () => {
    const second = sent({ attemptNo: 2 });
    expect(hear(second, outcomes.declined, 1)).toEqual({ ...second, facts: [] });
    expect(hear(second, outcomes.approved, 1)).toEqual({ ...second, facts: [], alarm: 'contradiction' });
  });
});

it('is looked up after 5 minutes, an hour, then daily, with one alarm and no end', () => {
  const minutes = [];
  let at = sent();
  const alarms = [];
  for (let checks = 0; checks < 10; checks++) {
    const heard = hear({ ...at, refund: { ...at.refund, checks } }, outcomes.unknown);
    minutes.push((heard.refund.nextCheckAt!.getTime() - now.getTime()) / minute);
    if (heard.alarm) alarms.push([checks, heard.alarm]);
    at = heard;
  }
  expect(minutes).toEqual([5, 60, ...Array<number>(8).fill(1440)]);
  expect(alarms).toEqual([[7, 'unresolved']]);
  expect(at.refund.state).toBe('unknown');
});

describe('a key', () => {
  it('names the refund and the attempt', () => {
    expect(refundKey({ id, attemptNo: 3 })).toBe(`${id}_3`);
    expect(parseRefundKey(`${id}_3`)).toEqual({ id, n: 3 });
  });

  it.each(['', id, `${id}_0`, `${id}_x`, `${id}_1_2`, `x${id}_1`, 'ch_1_1'])('is not %j', (key) => {
    expect(parseRefundKey(key)).toBeNull();
  });
});

it.each([
  ['account_closed', 'contact_support', true],
  ['whatever', 'refund_by_check', true],
  ['insufficient_funds', 'retry_later', false],
])('after %s, %s the way back is closed: %s', (code, recommendedAction, isGone) => {
  expect(isMethodGone({ code, recommendedAction })).toBe(isGone);
});
