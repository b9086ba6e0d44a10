// Scenarios S-65 to S-82 of the domain, played day by day on the pure rules. Those of dates alone are in
// notice.spec.ts, those of retries in retry.spec.ts, those of fees in fee.spec.ts.
import { addDays, noonUtc } from './calendar.ts';
import type { Delinquency } from './delinquency.ts';
import { follow, isDelinquent, start } from './delinquency-course.ts';
import type { DelinquencyFact } from './delinquency-course.ts';
import type { PastDue, Situation } from './delinquency-dates.ts';
import { issueNotice, returnNotice } from './delinquency-notice.ts';
import type { DelinquencyPlan } from './delinquency-plan.ts';
import type { DelinquencyRule } from './delinquency-rule.ts';
import { exampleRules } from './example-rules.ts';
import { isHeldOn, viewOf } from './hold.ts';
import type { Hold } from './hold.ts';

const plan: DelinquencyPlan = {
  ...{ id: 'plan', name: 'Default', currency: 'USD', level: 'policy', graceDays: 10, graceMonths: null },
  ...{ coveredMonths: null, reminderDays: [], noticeAfterDays: 8, retryDays: [1, 3, 5, 7], toleranceMinor: 0n },
  ...{ notTaken: 'flat_cancel', agency: 'refer', renoticesOnJoin: false, reinstatementDays: 30 },
  ...{ jurisdiction: null, line: null, effectiveFrom: '2025-01-01', effectiveTo: null },
} as const;
const rule: DelinquencyRule = {
  ...exampleRules.find(({ id }) => id === 'us-ca-motor')!,
  ...{ id: 'rule', jurisdiction: null, line: null, isExample: false, reviewedBy: 'counsel' },
};

interface Debt {
  dueOn: string;
  minor: bigint;
  isHopeless?: boolean;
}

/** One policy, its debts and its holds, on a calendar that is walked by hand. */
class World {
  delinquency: Delinquency | null = null;
  readonly said: { on: string; type: string; delinquency: Delinquency }[] = [];
  readonly holds: Pick<Hold, 'startsOn' | 'endsOn'>[] = [];
  paidOn: string | null = null;
  isUnpaid = false;
  today = '2025-01-01';
  private notices = 0;

  constructor(
    readonly debts: Debt[],
    readonly plan: DelinquencyPlan,
    readonly policy: Partial<Situation['policy']> = {},
    readonly rules: readonly DelinquencyRule[] = [rule],
  ) {}

  get situation(): Situation {
    const owed = this.debts.filter(({ dueOn, minor }) => dueOn < this.today && minor > 0n);
    return {
      ...{ now: noonUtc(this.today), today: this.today, plan: this.plan, rules: this.rules, paidOn: this.paidOn },
      policy: {
        ...{ timeZone: 'America/New_York', billingMethod: 'direct', jurisdiction: null, line: null },
        ...{ effectiveDate: '2025-01-01', expirationDate: '2026-01-01', ...this.policy },
      },
      owed: owed.map(({ dueOn, minor, isHopeless = false }): PastDue => {
        return { id: dueOn, dueOn, balanceMinor: minor, isReturned: false, isHopeless, openAttempt: null };
      }),
      policySince: '2025-01-01',
      isCancelled: false,
      isReinstated: false,
      isUnpaid: this.isUnpaid,
      hold: viewOf(this.holds, this.today),
      lateFeeOn: null,
      newIds: { notice: `notice-${(this.notices += 1)}`, cancellation: 'cancellation' },
    };
  }

  /** Every day until then, noon by noon. */
  to(date: string): this {
    for (; this.today < date; this.look()) this.today = addDays(this.today, 1);
    return this;
  }

  look(): void {
    const { situation } = this;
    if (this.delinquency) this.hear(follow(this.delinquency, situation));
    else if (isDelinquent(situation)) {
      const identity = { tenantId: 't', id: 'd', policyLocator: 'p', invoiceId: null, currency: 'USD' };
      this.hear(start({ ...identity, createdAt: situation.now }, situation));
    }
  }

  mail(mailedOn = this.today): this {
    const mailing = {
      noticeId: this.current.notice!.id,
      mailedAt: noonUtc(mailedOn),
      proofRef: 'p-1',
      channel: 'post',
    };
    this.delinquency = issueNotice(this.current, mailing, { rule: this.rules[0]!, policy: this.situation.policy });
    this.look();
    return this;
  }

  returnMail(): this {
    this.delinquency = returnNotice(this.current);
    this.look();
    return this;
  }

  pay(dueOn: string, minor: bigint): this {
    this.debts.find((debt) => debt.dueOn === dueOn)!.minor -= minor;
    this.paidOn = this.today;
    this.look();
    return this;
  }

  get current(): Delinquency {
    return this.delinquency!;
  }

  get steps(): string[] {
    return this.said.map(({ on, type }) => `${on} ${type}`);
  }

  private hear({ delinquency, facts }: { delinquency: Delinquency; facts: readonly DelinquencyFact[] }): void {
    this.delinquency = delinquency;
    this.said.push(...facts.map((fact) => ({ on: this.today, ...fact })));
  }
}

const late = (said: Partial<DelinquencyPlan> = {}, debt: Partial<Debt> = {}) =>
  new World([{ dueOn: '2025-03-01', minor: 10_000n, ...debt }], { ...plan, ...said });

describe('delinquency', () => {
  it('S-65: due 03-01 with ten days of grace: it begins on 03-02, and grace ends with 03-11', () => {
    const world = late().to('2025-03-01');
    expect(world.delinquency).toBeNull();
    world.to('2025-03-02');
    expect(world.steps).toEqual(['2025-03-02 started', '2025-03-02 grace_started']);
    expect(world.current).toMatchObject({ state: 'in_grace', onsetOn: '2025-03-01', graceEndOn: '2025-03-11' });
    expect(world.current.nextAt?.toISOString()).toBe('2025-03-09T05:00:00.000Z');
  });

  it('S-68: the notice is asked for on D+8, mailed on the Monday, and cover ends on 03-21', () => {
    const world = late().to('2025-03-10').mail();
    expect(world.current.notice).toMatchObject({ mailedOn: '2025-03-10', effectiveOn: '2025-03-21', ruleId: 'rule' });
    expect(world.to('2025-03-22').steps).toEqual([
      ...['2025-03-02 started', '2025-03-02 grace_started', '2025-03-09 notice_due'],
      ...['2025-03-21 lapse_triggered', '2025-03-21 cancellation_requested'],
    ]);
    expect(world.current).toMatchObject({ cancellationId: 'cancellation', cancelOn: '2025-03-21' });
  });

  it('S-69: a notice from before the default is none', () => {
    const world = late().to('2025-03-09');
    expect(() => world.mail('2025-02-27')).toThrow(expect.objectContaining({ code: 'notice_not_valid' }));
  });

  it('a notice without the proof that the rule asks for is none', () => {
    const { delinquency, situation } = late().to('2025-03-09');
    const mailing = { noticeId: 'n', mailedAt: noonUtc('2025-03-10'), proofRef: null, channel: null };
    expect(() => issueNotice(delinquency!, mailing, { rule, policy: situation.policy })).toThrow(
      expect.objectContaining({ code: 'notice_not_valid' }),
    );
  });

  it.each([
    ['2025-03-20', '2025-03-20 rescinded'],
    ['2025-03-21', '2025-03-21 cancellation_requested'],
  ])('S-70: mailed 03-05 by a rule of 15 days after mailing, paid on %s: %s', (paidOn, step) => {
    const newYork = { ...exampleRules[1]!, jurisdiction: null, line: null, isExample: false, reviewedBy: 'counsel' };
    const world = new World([{ dueOn: '2025-03-01', minor: 10_000n }], { ...plan, noticeAfterDays: 4 }, {}, [newYork]);
    world.to('2025-03-05').mail().to(paidOn).pay('2025-03-01', 10_000n);
    expect(world.steps.at(-1)).toBe(step);
  });

  it('S-71: a renewal that is not paid does not end before it began', () => {
    const world = new World([{ dueOn: '2025-03-01', minor: 10_000n }], plan, { effectiveDate: '2025-04-01' });
    world.to('2025-03-10').mail();
    expect(world.current.notice?.effectiveOn).toBe('2025-04-01');
  });

  it.each([
    [9_950n, 100n, 'settled', 50n],
    [9_950n, 40n, 'in_grace', 50n],
    [9_900n, 100n, 'settled', 100n],
    [9_899n, 100n, 'in_grace', 101n],
  ])('S-72: %s paid of 10000 with a tolerance of %s: %s, %s short', (minor, toleranceMinor, state, short) => {
    const world = late({ toleranceMinor }).to('2025-03-04').pay('2025-03-01', minor);
    expect(world.current).toMatchObject({ state, balanceMinor: short });
  });

  it('S-73: a second invoice joins: 200.00 cure it, and the notice says 100.00 still', () => {
    const world = new World(
      [
        { dueOn: '2025-03-01', minor: 10_000n },
        { dueOn: '2025-03-12', minor: 10_000n },
      ],
      plan,
    );
    world.to('2025-03-10').mail().to('2025-03-13');
    expect(world.current).toMatchObject({ state: 'notice_issued', balanceMinor: 20_000n });
    expect(world.current.notice).toMatchObject({ id: world.said[2]!.delinquency.notice!.id, amountMinor: 10_000n });
    world.pay('2025-03-01', 10_000n);
    expect(world.current.state).toBe('notice_issued');
    expect(world.pay('2025-03-12', 10_000n).current.state).toBe('rescinded');
  });

  it('S-73: or makes a new notice necessary, where the plan says so', () => {
    const debts = ['2025-03-01', '2025-03-12'].map((dueOn) => ({ dueOn, minor: 10_000n }));
    const world = new World(debts, { ...plan, renoticesOnJoin: true }).to('2025-03-10').mail().to('2025-03-13');
    expect(world.steps.at(-1)).toBe('2025-03-13 notice_due');
    expect(world.current).toMatchObject({ state: 'in_grace', notice: { state: 'due', amountMinor: 20_000n } });
  });

  it('S-74: held on 03-07 and released on 03-27, grace begins anew and ends with 04-06', () => {
    const world = late().to('2025-03-06');
    const hold: { startsOn: string; endsOn: string | null } = { startsOn: '2025-03-07', endsOn: null };
    world.holds.push(hold);
    world.to('2025-03-26');
    expect(world.current).toMatchObject({ state: 'pre_grace', graceEndOn: null, nextAt: expect.any(Date) as Date });
    hold.endsOn = '2025-03-27';
    world.to('2025-03-27');
    expect(world.steps.slice(2)).toEqual(['2025-03-07 held', '2025-03-27 grace_started']);
    expect(world.current.graceEndOn).toBe('2025-04-06');
    const { effectiveOn } = { ...world.to('2025-04-04').mail('2025-03-27').current.notice! };
    expect(effectiveOn).toBe('2025-04-07');
  });

  it('S-75: in a moratorium nothing begins, and what was due in it counts from its end', () => {
    const moratorium = { startsOn: '2025-02-01', endsOn: '2025-05-01' };
    const dues = ['2025-02-01', '2025-03-01', '2025-04-01', '2025-05-01'];
    expect(dues.map((date) => isHeldOn(moratorium, date))).toEqual([true, true, true, false]);
    const world = new World(
      dues.slice(0, 3).map((dueOn) => ({ dueOn, minor: 10_000n })),
      plan,
    );
    world.holds.push(moratorium);
    world.to('2025-04-30');
    expect(world.delinquency).toBeNull();
    world.to('2025-05-01');
    expect(world.current).toMatchObject({ onsetOn: '2025-05-01', graceEndOn: '2025-05-11', balanceMinor: 30_000n });
  });

  it('S-76: by the profile 1,8,4,7 of Kill Bill the steps are on days 10, 14 and 21', () => {
    const world = late({ reminderDays: [10, 14], noticeAfterDays: 21 }).to('2025-03-31');
    expect(world.steps.slice(2)).toEqual([
      ...['2025-03-11 reminder_sent', '2025-03-15 reminder_sent', '2025-03-22 notice_due'],
    ]);
  });

  it('S-77: after a hard decline the notice is asked for on the first day past due', () => {
    const world = late({}, { isHopeless: true }).to('2025-03-02');
    expect(world.steps.at(-1)).toBe('2025-03-02 notice_due');
  });

  it('S-78: 60.00 of 100.00 paid in grace: it goes on, and 40.00 cure it', () => {
    const world = late().to('2025-03-05').pay('2025-03-01', 6_000n);
    expect(world.current).toMatchObject({ state: 'in_grace', balanceMinor: 4_000n });
    expect(world.pay('2025-03-01', 4_000n).current.state).toBe('settled');
  });

  it('S-79: what a producer bills is not cancelled automatically, unless the plan says so', () => {
    const world = new World([{ dueOn: '2025-03-01', minor: 10_000n }], plan, { billingMethod: 'agency' });
    world.to('2025-06-01');
    expect(world.steps).toEqual(['2025-03-02 started', '2025-03-02 referred']);
    expect(world.current).toMatchObject({ state: 'manual_review', reviewReason: 'agency_billed' });
    expect(world.pay('2025-03-01', 10_000n).current.state).toBe('settled');
    const enabled = new World([{ dueOn: '2025-03-01', minor: 10_000n }], { ...plan, agency: 'follow' }, world.policy);
    expect(enabled.to('2025-03-09').steps.at(-1)).toBe('2025-03-09 notice_due');
  });

  it('S-80: a policy on which nothing was ever paid is cancelled from its first day, without grace', () => {
    const world = new World([{ dueOn: '2025-03-01', minor: 10_000n }], plan, { effectiveDate: '2025-03-01' });
    world.isUnpaid = true;
    world.to('2025-03-02');
    expect(world.steps).toEqual([
      ...['2025-03-02 started', '2025-03-02 lapse_triggered', '2025-03-02 cancellation_requested'],
    ]);
    expect(world.current).toMatchObject({ reason: 'not_taken', cancelOn: '2025-03-01', graceEndOn: null });
  });

  it('S-81: three months of grace are not cured by the first of three, and cover ends with February', () => {
    const debts = ['2025-02-01', '2025-03-01', '2025-04-01'].map((dueOn) => ({ dueOn, minor: 10_000n }));
    const world = new World(debts, { ...plan, graceMonths: 3, coveredMonths: 1, noticeAfterDays: 60 });
    world.to('2025-04-15').mail().to('2025-04-20').pay('2025-02-01', 10_000n);
    expect(world.current).toMatchObject({ state: 'notice_issued', graceEndOn: '2025-04-30' });
    world.to('2025-05-01');
    expect(world.current).toMatchObject({ state: 'lapse_triggered', cancelOn: '2025-03-01' });
  });

  it('S-82: a notice that came back is void: another one is mailed, and its days begin anew', () => {
    const world = late().to('2025-03-10').mail().to('2025-03-18').returnMail();
    expect(world.steps.at(-1)).toBe('2025-03-18 notice_due');
    expect(world.to('2025-03-31').current.state).toBe('in_grace');
    expect(world.mail('2025-03-19').current.notice?.effectiveOn).toBe('2025-03-30');
  });

  it('S-82: once cancellation was asked for, a person decides', () => {
    const world = late().to('2025-03-10').mail().to('2025-03-22').returnMail();
    expect(world.current).toMatchObject({ state: 'manual_review', reviewReason: 'notice_returned' });
  });

  it('without a rule in force no notice is asked for, whatever the examples say', () => {
    const world = new World([{ dueOn: '2025-03-01', minor: 10_000n }], plan, {}, exampleRules).to('2025-06-01');
    expect(world.current).toMatchObject({ state: 'manual_review', reviewReason: 'no_rule', notice: null });
  });

  it('ends with the policy', () => {
    const world = new World([{ dueOn: '2025-03-01', minor: 10_000n }], plan, { expirationDate: '2025-03-15' });
    expect(world.to('2025-03-15').current.state).toBe('closed');
  });

  it('says each step as a version of its own', () => {
    const world = late().to('2025-03-10').mail().to('2025-03-25');
    expect(world.said.map(({ delinquency }) => delinquency.version)).toEqual([1, 2, 3, 5, 6]);
  });
});
