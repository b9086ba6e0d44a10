import type { Money } from '@quittance/money/money';
import { accountOf } from './chart.ts';
import type { Role } from './chart.ts';
import type { JournalLine } from './entry.ts';
import { DomainError } from './errors.ts';

/** What money is about, as far as it is known. */
export interface Dimensions {
  readonly policyLocator?: string | undefined;
  readonly paymentLocator?: string | undefined;
  readonly invoiceLocator?: string | undefined;
  readonly party?: string | undefined;
}

/** Looks a value up that another service sent, whose list may have grown since ours was compiled. */
export function roleIn<K extends string>(roles: Readonly<Record<K, Role>>, key: K | null): Role {
  const role = key === null || !Object.hasOwn(roles, key) ? undefined : roles[key];
  if (!role) throw new DomainError('account_not_defined', `The chart has no account for ${key ?? 'no method'}.`);
  return role;
}

export const notZero = (lines: JournalLine[]) => lines.filter(({ amount }) => amount !== 0n);

export function line(role: Role, amount: Money, about: Dimensions): JournalLine {
  return lineOn(accountOf(role), amount, about);
}

export function lineOn(account: string, { minor, currency }: Money, about: Dimensions): JournalLine {
  return {
    account,
    amount: minor,
    currency,
    policyLocator: about.policyLocator ?? null,
    paymentLocator: about.paymentLocator ?? null,
    invoiceLocator: about.invoiceLocator ?? null,
    ...(about.party === undefined ? {} : { party: about.party }),
  };
}
