import type { Delinquency, Notice } from '../domain/delinquency.ts';
import type { DelinquencyPlan } from '../domain/delinquency-plan.ts';
import type { FeeRule } from '../domain/fee.ts';
import { followDebtor } from './debtor.ts';
import type { Debtor, Followed } from './debtor.ts';
import type { DebtorPolicy, DebtorTerm, OpenDebt } from './past-due.repository.ts';

const scope = { jurisdiction: null, line: null, effectiveFrom: '2025-01-01', effectiveTo: null };
const plan: DelinquencyPlan = {
  ...{ id: 'plan', name: 'Default', currency: 'USD', level: 'policy', graceDays: 10, graceMonths: null },
  ...{ coveredMonths: null, reminderDays: [], noticeAfterDays: 8, retryDays: [1, 3, 5, 7], toleranceMinor: 100n },
  ...{ notTaken: 'flat_cancel', agency: 'refer', renoticesOnJoin: false, reinstatementDays: 30, ...scope },
};
const lateFee: FeeRule = {
  ...{ id: 'fee', type: 'late_fee', currency: 'USD', amountMinor: 1_000n, basisPoints: 0, capMinor: null },
  ...{ afterDays: 0, citation: null, ...scope },
};
const term = (number: number, said: Partial<DebtorTerm> = {}): DebtorTerm => {
  const dates = { effectiveDate: `${2024 + number}-01-01`, expirationDate: `${2025 + number}-01-01` };
  return { number, ...dates, state: 'in_force', cancelledOn: null, ...said };
};
const debt = (id: string, dueOn: string, balanceMinor: bigint, said: Partial<OpenDebt> = {}): OpenDebt => {
  const about = { tenantId: 't', policyLocator: 'p', delinquencyId: null, termNumber: 1 };
  return {
    ...about,
    id,
    dueOn,
    balanceMinor,
    ...{ isFee: false, isReturned: false, isHopeless: false, openAttempt: null, hasLateFee: false, askedOn: dueOn },
    ...said,
  };
};
const policy: DebtorPolicy = {
  ...{ tenantId: 't', locator: 'p', policyholderLocator: 'h', timeZone: 'America/New_York', billingMethod: 'direct' },
  ...{ jurisdiction: null, line: null, producerId: null, currency: 'USD', collection: 'invoice' },
  ...{ paymentMethodId: null, effectiveDate: '2025-01-01', terms: [term(1)], reinstatedAt: null, isPaid: true },
};

interface Said extends Partial<Omit<Debtor, 'policy'>> {
  policy?: Partial<DebtorPolicy>;
}

/** What becomes of one policy on a date. */
function on(date: string, { policy: ofPolicy, ...said }: Said): Followed[] {
  return followDebtor({
    ...{ debts: [], open: [], holds: [], paidOn: new Map(), now: new Date(`${date}T17:00:00Z`), planId: 'plan' },
    settings: { plans: [plan], rules: [], feeRules: [lateFee] },
    ...said,
    policy: { ...policy, ...ofPolicy },
  });
}

const known: Delinquency = {
  ...{ tenantId: 't', id: 'd', policyLocator: 'p', invoiceId: null, planId: 'plan', reason: 'past_due' },
  ...{ state: 'in_grace', currency: 'USD', balanceMinor: 10_000n, onsetOn: '2025-03-01', graceEndOn: '2025-03-11' },
  ...{ remindersSent: 0, notice: null, cancellationId: null, cancelOn: null, reviewReason: null, nextAt: null },
  ...{ version: 1, createdAt: new Date('2025-03-02T17:00:00Z') },
};

describe('what is as good as paid', () => {
  const leftover = debt('old', '2025-03-01', 50n);

  it('begins nothing: the delinquency dates from the debt that is short', () => {
    const [followed] = on('2025-04-02', { debts: [leftover, debt('new', '2025-04-01', 10_000n)] });
    expect(followed!.delinquency).toMatchObject({ state: 'in_grace', onsetOn: '2025-04-01', balanceMinor: 10_050n });
  });

  it('does not say which term is not paid', () => {
    const [followed] = on('2026-02-02', {
      policy: { terms: [term(1), term(2)] },
      debts: [leftover, debt('new', '2026-02-01', 10_000n, { delinquencyId: 'd', termNumber: 2 })],
      open: [{ ...known, onsetOn: '2026-02-01', graceEndOn: '2026-02-11' }],
    });
    expect(followed).toMatchObject({ term: { number: 2 }, delinquency: { state: 'in_grace' } });
  });

  it('costs no late fee', () => {
    const [followed] = on('2025-04-02', { debts: [leftover, debt('new', '2025-04-01', 10_000n)] });
    expect(followed!.lateFees.map(({ debt: { id } }) => id)).toEqual(['new']);
  });
});

describe('a policy that nothing was ever paid on', () => {
  const down = (said: Partial<OpenDebt> = {}) => ({
    policy: { isPaid: false },
    debts: [debt('down', '2025-03-01', 10_000n, said)],
  });

  it('S-80: is cancelled from its first day, and costs no late fee', () => {
    const [followed] = on('2025-03-02', down());
    expect(followed!.delinquency).toMatchObject({ state: 'lapse_triggered', cancelOn: '2025-01-01' });
    expect(followed!.lateFees).toEqual([]);
  });

  it.each(['requested', 'waiting'] as const)('waits for a charge of it that is %s', (openAttempt) => {
    const [followed] = on('2025-03-02', down({ openAttempt }));
    expect(followed!.delinquency).toMatchObject({ state: 'pre_grace', reason: 'not_taken' });
    const [first] = on('2025-03-03', { ...down(), open: [followed!.delinquency] });
    expect(first!.delinquency).toMatchObject({ state: 'lapse_triggered', reason: 'not_taken' });
  });

  it('is followed as any other once a part was paid', () => {
    const [waits] = on('2025-03-02', down({ openAttempt: 'requested' }));
    const open = [waits!.delinquency];
    const [followed] = on('2025-03-03', { debts: [debt('down', '2025-03-01', 6_000n)], open });
    expect(followed!.delinquency).toMatchObject({ state: 'in_grace', reason: 'past_due', graceEndOn: '2025-03-11' });
  });
});

describe('a late fee', () => {
  it('S-27: counts from when the debt was asked for, if an outage of ours delayed that', () => {
    const feesOn = (date: string, askedOn: string | null) =>
      on(date, { debts: [debt('new', '2025-04-01', 10_000n, { askedOn })] })[0]!;
    expect(feesOn('2025-04-04', '2025-04-04').lateFees).toEqual([]);
    expect(feesOn('2025-04-04', '2025-04-04').delinquency.nextAt).toEqual(new Date('2025-04-05T04:00:00Z'));
    expect(feesOn('2025-04-05', '2025-04-04').lateFees).toHaveLength(1);
    expect(feesOn('2025-04-05', null).lateFees).toEqual([]);
  });

  it('waits for the answer to a charge', () => {
    const ask = (openAttempt: 'waiting' | 'requested') =>
      on('2025-04-02', { debts: [debt('new', '2025-04-01', 10_000n, { openAttempt })] })[0]!.lateFees;
    expect(ask('requested')).toEqual([]);
    expect(ask('waiting')).toHaveLength(1);
  });
});

describe('the term that is not paid', () => {
  it('is the last of those that are owed: a renewal that joins is not over when the old term is', () => {
    const [followed] = on('2026-01-02', {
      policy: { terms: [term(1), term(2)] },
      debts: [
        debt('old', '2025-12-30', 10_000n, { delinquencyId: 'd' }),
        debt('new', '2026-01-01', 10_000n, { termNumber: 2 }),
      ],
      open: [{ ...known, onsetOn: '2025-12-30', graceEndOn: '2026-01-09' }],
    });
    expect(followed!.term.number).toBe(2);
    expect(followed!.delinquency.state).toBe('in_grace');
  });
});

describe('a debt of a term that is over', () => {
  it('begins nothing, though the policy was renewed', () => {
    const terms = [term(1), term(2)];
    expect(on('2026-02-02', { policy: { terms }, debts: [debt('old', '2025-12-01', 10_000n)] })).toEqual([]);
  });
});

describe('a policy whose cancellation was asked for', () => {
  const notice: Notice = {
    ...{ id: 'n', ruleId: 'rule', state: 'mailed', announcedOn: '2025-03-09', amountMinor: 10_000n },
    ...{ mailedAt: new Date('2025-03-10T15:00:00Z'), mailedOn: '2025-03-10', proofRef: 'p', channel: null },
    ...{ effectiveOn: '2025-03-21', effectiveAt: new Date('2025-03-21T04:01:00Z'), cureOn: '2025-03-20' },
  };
  const asked: Delinquency = {
    ...known,
    state: 'lapse_triggered',
    notice,
    cancellationId: 'c',
    cancelOn: '2025-03-21',
  };
  const debts = [debt('old', '2025-03-01', 10_000n, { delinquencyId: 'd' })];
  const reinstated = (at: string, said: Partial<Delinquency> = {}) =>
    on('2025-04-01', {
      policy: { reinstatedAt: new Date(at) },
      debts,
      open: [{ ...asked, ...said }],
      planId: null,
    })[0]!;

  it.each(['2025-03-10T12:00:00Z', '2025-03-21T04:01:00Z'])('does not go on by a reinstatement of before: %s', (at) => {
    expect(reinstated(at, { state: 'lapsed' })).toMatchObject({
      delinquency: { state: 'lapsed' },
      isReinstated: false,
    });
    expect(reinstated(at).delinquency.state).toBe('lapse_triggered');
  });

  it('goes on by one of after, though the end was never seen', () => {
    const after = '2025-03-25T12:00:00Z';
    expect(reinstated(after, { state: 'lapsed' })).toMatchObject({
      delinquency: { state: 'closed' },
      isReinstated: true,
    });
    expect(reinstated(after)).toMatchObject({ delinquency: { state: 'closed' }, isReinstated: true });
  });

  it('is looked at when its term ends, where no answer ever comes', () => {
    const [waits] = on('2025-04-01', { debts, open: [asked], planId: null });
    expect(waits!.delinquency).toMatchObject({ state: 'lapse_triggered', nextAt: new Date('2026-01-01T05:00:00Z') });
    expect(on('2026-01-01', { debts, open: [asked], planId: null })[0]!.delinquency.state).toBe('closed');
  });
});
