import { exponentOf } from '@quittance/money/currency';
import { negate } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import { chart } from './chart.ts';
import type { Role } from './chart.ts';
import type { JournalLine } from './entry.ts';
import { DomainError } from './errors.ts';
import type { ExceptionType } from './exception.ts';
import { line } from './lines.ts';

/** In hundredths of a currency's unit, whatever its own smallest one is. */
export interface WriteOffLimits {
  readonly tolerance: bigint;
  readonly oneApprover: bigint;
}

/** In which account the difference stands that such an exception is about. Of any other a person says it. */
const heldIn: Partial<Readonly<Record<ExceptionType, Role>>> = {
  remit_unbalanced: 'era_clearing',
  era_without_eft: 'era_clearing',
  payout_unbalanced: 'payouts_in_transit',
  payout_not_in_bank: 'payouts_in_transit',
  fee_variance: 'clearing_card',
};

/** How many others must agree. */
export function approvalsNeeded(amount: Money, { tolerance, oneApprover }: WriteOffLimits): 0 | 1 | 2 {
  const hundredths = magnitude(amount.minor) * 100n;
  const unit = 10n ** BigInt(exponentOf(amount.currency));
  if (hundredths <= tolerance * unit) return 0;
  return hundredths <= oneApprover * unit ? 1 : 2;
}

export interface WriteOffRequest {
  readonly requestedBy: string;
  readonly approvedBy: readonly string[];
  readonly approvalsNeeded: number;
}

/**
 * Four eyes, or six: who asked does not approve, and nobody approves twice.
 * @throws DomainError `approver_not_independent`
 */
export function approved<R extends WriteOffRequest>(request: R, approver: string): R {
  if (request.requestedBy === approver || request.approvedBy.includes(approver)) {
    throw new DomainError('approver_not_independent', 'Who asked for it, or has approved it, cannot approve it.');
  }
  return { ...request, approvedBy: [...request.approvedBy, approver] };
}

export const isAllowed = ({ approvedBy, approvalsNeeded: needed }: WriteOffRequest) => approvedBy.length >= needed;

/**
 * @param account as a person named it, by its number in the chart
 * @throws DomainError `write_off_account_needed`
 */
export function accountOfDifference(type: ExceptionType, account: string | undefined): Role {
  const named = chart.find(({ code, type: kind }) => code === account && kind === 'asset');
  const role = account === undefined ? heldIn[type] : (named?.role as Role | undefined);
  if (role) return role;
  const detail = account === undefined ? 'is needed for this type of exception' : 'is no account of assets';
  throw new DomainError('write_off_account_needed', 'Name the account in which the difference stands.', {
    errors: [{ pointer: '/account', detail }],
  });
}

/**
 * Money that is missing is an expense, 5135 within the tolerance and 5130 above it: Dr, and Cr where it was expected.
 * Of money that is too much, which is negative, the other way round.
 */
export function differenceWrittenOff(amount: Money, held: Role, isSmall: boolean): JournalLine[] {
  return [line(isSmall ? 'small_balances' : 'premium_write_off', amount, {}), line(held, negate(amount), {})];
}

const magnitude = (minor: bigint) => (minor < 0n ? -minor : minor);
