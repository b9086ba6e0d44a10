import { maxMinor, MoneyError, parseAmount } from '@quittance/money/money';
import { defaultHandling } from '../domain/charge.ts';
import type { Charge } from '../domain/charge.ts';
import { DomainError } from '../domain/errors.ts';
import type { FieldProblem } from '../domain/errors.ts';
import { readRate } from '../domain/rate.ts';
import type { TransactionRequest } from '../domain/transaction.ts';
import type { PolicyTransactionDto, SignedChargeDto } from './transaction.dto.ts';

/**
 * A body as a request, once it is known in which currency its amounts are: the policy's.
 * @throws DomainError `invalid_policy` with a pointer for each amount that the currency cannot have, or to all of them
 */
export function readRequest(dto: PolicyTransactionDto, currency: string): TransactionRequest {
  const { effectiveDate = '', charges, annualised } = dto;
  switch (dto.type) {
    case 'endorsement': {
      if (charges && annualised)
        throw wrong([{ pointer: '/annualised', detail: 'is instead of charges, not beside them' }]);
      const isAnnualised = annualised !== undefined;
      const signed = isAnnualised ? read(annualised, 'annualised', currency) : read(charges ?? [], 'charges', currency);
      return { type: 'endorsement', effectiveDate, charges: signed, isAnnualised };
    }
    case 'cancellation':
      return {
        type: 'cancellation',
        effectiveDate,
        reason: dto.reason!,
        method: dto.method!,
        minimumEarnedRate: dto.minimumEarnedRate === undefined ? null : readRate(dto.minimumEarnedRate),
        charges: charges === undefined ? null : read(charges, 'charges', currency),
      };
    case 'reinstatement':
      return { type: 'reinstatement', effectiveDate, lapse: dto.lapse! };
    case 'renewal':
      return {
        type: 'renewal',
        effectiveDate,
        expirationDate: dto.expirationDate!,
        charges: positive(read(charges ?? [], 'charges', currency)),
        plan: dto.plan ?? null,
        carryForward: dto.carryForward ?? true,
      };
    case 'nonrenewal':
    case 'expiration':
      return { type: dto.type, effectiveDate, expirationDate: dto.expirationDate! };
    case 'invalidation':
      return { type: 'invalidation', transactionId: dto.transactionId!.toLowerCase() };
  }
}

function read(charges: readonly SignedChargeDto[], field: string, currency: string): Charge[] {
  const problems: FieldProblem[] = [];
  const signed = charges.map(({ category, code, amount, handling }, index): Charge => {
    const about = { category, code: code ?? null, handling: handling ?? defaultHandling(category) };
    try {
      return { ...about, amountMinor: parseAmount(amount, currency).minor };
    } catch (error) {
      if (!(error instanceof MoneyError)) throw error;
      problems.push({ pointer: `/${field}/${index}/amount`, detail: error.message });
      return { ...about, amountMinor: 0n };
    }
  });
  if (problems.length > 0) throw wrong(problems);
  const size = signed.reduce((sum, { amountMinor }) => sum + (amountMinor < 0n ? -amountMinor : amountMinor), 0n);
  if (size <= maxMinor) return signed;
  throw wrong([{ pointer: `/${field}`, detail: 'must add up to no more than 2^53 - 1 minor units' }]);
}

/** The price of a term is what it costs, and it costs something. */
function positive(charges: Charge[]): Charge[] {
  const problems = charges.flatMap(({ amountMinor }, index) =>
    amountMinor < 0n ? [{ pointer: `/charges/${index}/amount`, detail: 'must not be negative' }] : [],
  );
  if (problems.length > 0) throw wrong(problems);
  if (charges.some(({ amountMinor }) => amountMinor > 0n)) return charges;
  throw wrong([{ pointer: '/charges', detail: 'must add up to more than zero' }]);
}

function wrong(errors: readonly FieldProblem[]): DomainError {
  return new DomainError('invalid_policy', 'The transaction is not valid.', { errors });
}
