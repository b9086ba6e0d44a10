import { newId } from '@quittance/service-kit/id';
import type { CalendarDate, Period } from '../domain/calendar.ts';
import type { Charge } from '../domain/charge.ts';
import type { Plan } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { RenewalRequest } from '../domain/transaction.ts';
import { buildSchedule } from '../schedules/schedule.builder.ts';
import { newCharge } from '../transactions/change.ts';
import { Account, entriesOf } from './account.ts';
import { release } from './billing.ts';
import { applyUnapplied } from './money.ts';
import { planNamed } from './plans.ts';
import { splitViolations } from './splits.ts';
import type { Rules } from './rules.ts';
import type { Tally } from './tally.ts';
import { headOf } from './transacting.ts';

/** How the account begins. */
export interface Terms {
  readonly plan: Plan;
  readonly currency: string;
  readonly cover: Period;
  readonly today: CalendarDate;
  readonly charges: readonly Charge[];
}

export function issue(terms: Terms, rules: Rules, tally: Tally): { account: Account; violated: string[] } {
  const account = new Account(policyOf(terms), rules, tally, terms.today);
  const { cover, charges, plan } = terms;
  const violated = addTerm(account, { cover, charges, plan, type: 'issue' });
  release(account);
  return { account, violated };
}

/** Another term, as `RenewalsService` has it: unapplied money pays it. */
export function renew(account: Account, request: RenewalRequest): string[] {
  const { effectiveDate: start, expirationDate: end, charges, plan } = request;
  const violated = addTerm(account, { cover: { start, end }, charges, plan: planNamed(plan!), type: 'renewal' });
  release(account);
  applyUnapplied(account);
  return violated;
}

interface NewTerm {
  readonly cover: Period;
  readonly charges: readonly Charge[];
  readonly plan: Plan;
  readonly type: 'issue' | 'renewal';
}

/** @returns what is wrong with how the plan split it */
function addTerm(account: Account, { cover, charges, plan, type }: NewTerm): string[] {
  const { policy, rules } = account;
  const { tenantId, locator: policyLocator, currency } = policy;
  const planned = rules.planSchedule(charges, plan, { term: cover, currency, transaction: type });
  const number = account.terms.length + 1;
  const request = { effectiveDate: cover.start, type } as RenewalRequest;
  const transaction = headOf(account, request, number);
  const stored = planned.charges.map((charge, index) =>
    newCharge(charge, transaction, currency, { coverage: cover, position: index + 1 }),
  );
  const made = buildSchedule(planned, { policy: { ...policy, plan: plan.name }, transaction, charges: stored });
  account.transactions.push(transaction);
  for (const charge of stored) account.charges.set(charge.id, charge);
  account.terms.push({
    term: {
      ...{ tenantId, policyLocator, number, effectiveDate: cover.start, expirationDate: cover.end },
      ...{ plan: plan.name, planVersion: plan.version, state: 'in_force', cancelledOn: null },
    },
    schedule: made.schedule,
    entries: entriesOf(made.instalments, made.lines),
  });
  return splitViolations(planned, charges, { plan, cover, currency });
}

function policyOf({ currency, cover, plan, today }: Terms): Policy {
  return {
    ...{ tenantId: newId(), locator: newId(), policyNumber: 'HO-1', policyholderLocator: 'PH-1', currency },
    ...{ timeZone: 'UTC', jurisdiction: null, line: null, billingMethod: 'direct', producerId: null, financerId: null },
    ...{ effectiveDate: cover.start, expirationDate: cover.end, plan: plan.name, collection: 'automatic' },
    ...{ paymentMethodId: 'pm-1', version: 1, createdAt: new Date(`${today}T12:00:00Z`) },
  };
}
