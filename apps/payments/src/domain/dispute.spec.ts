import {
  actOnDispute,
  contradicts,
  disputeStates,
  doubleRecovery,
  hearClaim,
  holdDisputed,
  isOver,
  loseDispute,
  openDispute,
} from './dispute.ts';
import type { Claim, Dispute, DisputeState } from './dispute.ts';
import { createPayment, recordExternal } from './payment.ts';
import type { Payment } from './payment.ts';
import { refundable } from './refundable.ts';

const now = new Date('2026-02-03T12:00:00.000Z');
const heardAt = new Date('2026-02-01T12:00:00.000Z');
const today = '2026-02-03';
const claim: Claim = {
  ...{ stage: 'chargeback', state: 'opened', amountMinor: 10_000n, feeMinor: 1_500n, reasonCode: 'fraudulent' },
  ...{ evidenceDueAt: new Date('2026-02-10T12:00:00.000Z'), decidedOn: null, heardAt },
};
const identity = {
  tenantId: 't1',
  id: 'd1',
  paymentId: 'p1',
  provider: 'sandbox',
  providerRef: 'dp1',
  currency: 'USD',
};
const opened = openDispute(identity, claim, now).next;
const inState = (state: DisputeState): Dispute => ({ ...opened, state });
const created = createPayment(
  { tenantId: 't1', id: 'p1', displayId: 'P-1', amountMinor: 10_000n, currency: 'USD', channel: 'api', now },
  'ready',
);
const posted = recordExternal(created.next, '2026-01-15', now).next;
const hear = (dispute: Dispute, rest: Partial<Claim>, payment = posted) =>
  hearClaim(dispute, { ...claim, ...rest }, { payment, today, now });

/** Where each news leads from each state; what is missing changes nothing. */
const table: Record<DisputeState, Partial<Record<DisputeState, DisputeState>>> = {
  opened: { challenged: 'challenged', accepted: 'accepted', expired: 'expired', won: 'won', lost: 'lost' },
  challenged: { won: 'won', lost: 'lost' },
  accepted: { lost: 'lost' },
  expired: { lost: 'lost' },
  won: {},
  lost: {},
};
const pairs = disputeStates.flatMap((from) => disputeStates.map((said) => [from, said] as const));

describe('every pair of state and news', () => {
  it.each(pairs)('%s, told %s', (from, said) => {
    const { next, facts } = hear(inState(from), { state: said });
    const to = table[from][said];
    expect(next.state).toBe(to ?? from);
    expect(facts).toHaveLength(to === undefined ? 0 : 1);
    expect(next.version).toBe(to === undefined ? 1 : 2);
  });

  it.each(pairs)('%s, told %s five times, is told once', (from, said) => {
    const once = hear(inState(from), { state: said }).next;
    for (let i = 0; i < 5; i++) expect(hear(once, { state: said })).toEqual({ next: once, facts: [] });
  });

  it('contradicts only the opposite end', () => {
    const opposite = pairs.filter(([from, said]) => contradicts(inState(from), { ...claim, state: said }));
    expect(opposite).toEqual([
      ['won', 'lost'],
      ['lost', 'won'],
    ]);
  });
});

describe('what a person did', () => {
  it.each(disputeStates)('is possible while it is open only: %s', (state) => {
    const act = () => [actOnDispute(inState(state), 'accept', now), actOnDispute(inState(state), 'challenge', now)];
    if (state === 'opened') expect(act().map(({ next }) => next.state)).toEqual(['accepted', 'challenged']);
    else expect(act).toThrow(expect.objectContaining({ code: 'invalid_transition', context: { allowedActions: [] } }));
  });
});

describe('news', () => {
  it('of a later stage goes on, and of an earlier one does not go back', () => {
    const inquiry = { ...inState('challenged'), stage: 'inquiry' } as const;
    expect(hear(inquiry, { stage: 'chargeback' }).next).toMatchObject({ stage: 'chargeback', state: 'opened' });
    const arbitration = { ...opened, stage: 'arbitration' } as const;
    expect(hear(arbitration, { stage: 'chargeback', state: 'lost' }).next.stage).toBe('arbitration');
    expect(hear(inState('lost'), { stage: 'arbitration' }).facts).toEqual([]);
  });

  it('with another due date counts when it is newer', () => {
    const evidenceDueAt = new Date('2026-02-20T12:00:00.000Z');
    const newer = { evidenceDueAt, heardAt: new Date(heardAt.getTime() + 1) };
    expect(hear(opened, newer)).toMatchObject({ next: { evidenceDueAt }, facts: [{ type: 'updated' }] });
    expect(hear(opened, { evidenceDueAt }).facts).toEqual([]);
  });

  it('of the end has the date of the decision, or today', () => {
    expect(hear(opened, { state: 'won', decidedOn: '2026-02-02' }).next).toMatchObject({
      ...{ effectiveOn: '2026-02-02', finishedAt: now },
    });
    expect(hear(opened, { state: 'lost' })).toMatchObject({ next: { effectiveOn: today }, facts: [{ type: 'lost' }] });
  });

  it('that comes first with the end was opened before', () => {
    const first = openDispute(identity, { ...claim, state: 'lost', decidedOn: today }, now);
    expect(first).toMatchObject({
      next: { state: 'opened', version: 1, effectiveOn: null },
      facts: [{ type: 'opened' }],
    });
  });
});

describe('the payment', () => {
  const lost = hear(opened, { state: 'lost' }).next;

  it('holds what is disputed until it is over', () => {
    const held = holdDisputed(posted, null, opened);
    expect(held.disputedMinor).toBe(10_000n);
    expect(holdDisputed(held, opened, { ...opened, amountMinor: 4_000n }).disputedMinor).toBe(4_000n);
    for (const over of disputeStates.map(inState).filter(isOver)) {
      expect(holdDisputed(held, opened, over).disputedMinor).toBe(0n);
    }
    expect(holdDisputed(posted, lost, lost)).toBe(posted);
    expect(holdDisputed(posted, opened, inState('won')).lostMinor).toBe(0n);
  });

  it('keeps what a lost dispute took: it cannot be given back as well, and counts for the next one', () => {
    const part: Dispute = { ...lost, amountMinor: 4_000n };
    const after = holdDisputed({ ...posted, disputedMinor: 4_000n }, { ...opened, amountMinor: 4_000n }, part);
    expect(after).toMatchObject({ disputedMinor: 0n, lostMinor: 4_000n });
    expect(refundable(after)).toBe(6_000n);
    expect(doubleRecovery(after, 10_000n)).toBe(4_000n);
  });

  it('goes back with a lost dispute', () => {
    const decision = loseDispute(posted, lost, now);
    const returned = { scheme: 'card', code: 'chargeback', pejorative: false, returnedOn: today };
    expect(decision).toMatchObject({ next: { state: 'returned', returned, returnedAt: now } });
    expect(decision?.facts.map(({ type }) => type)).toEqual(['returned']);
  });

  it('S-95: refund 40.00 then chargeback 100.00 is 140.00 out, 40.00 too much', () => {
    const refunded: Payment = { ...posted, refundedMinor: 4_000n };
    expect(doubleRecovery(refunded, 10_000n)).toBe(4_000n);
    expect(doubleRecovery(refunded, 6_000n)).toBe(0n);
    expect(doubleRecovery({ ...posted, state: 'returned' }, 10_000n)).toBe(10_000n);
    expect(hear(opened, { state: 'lost' }, refunded).next.doubleRecoveryMinor).toBe(4_000n);
    expect(loseDispute(refunded, lost, now)?.next.state).toBe('returned');
    expect(loseDispute(refunded, { ...lost, amountMinor: 6_000n }, now)?.next.state).toBe('returned');
  });

  it('stays where only a part of it was lost, or it is no longer posted', () => {
    expect(loseDispute(posted, { ...lost, amountMinor: 4_000n }, now)).toBeNull();
    expect(loseDispute({ ...posted, state: 'reversed' }, lost, now)).toBeNull();
  });
});
