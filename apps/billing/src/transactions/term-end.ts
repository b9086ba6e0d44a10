import { DomainError } from '../domain/errors.ts';
import type { FieldProblem } from '../domain/errors.ts';
import { lastCoverOf, termStateOn } from '../domain/policy-term.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import { isUnbilled } from '../domain/recut.ts';
import type { TermEndRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { unchanged } from './change.ts';
import type { Change } from './change.ts';
import type { TermBook } from './term-book.ts';

/**
 * No term follows this one. What is owed of it stays owed, and its last day is what it was: a term ends by its dates.
 * @throws DomainError `policy_not_in_force`, `invalid_transition` where another term follows already,
 * `invalid_transaction` for dates that are not the term's
 */
export function endTerm(book: TermBook, request: TermEndRequest, transaction: PolicyTransaction): Change {
  const { term, terms, today } = book;
  if (term.state !== 'in_force') {
    throw new DomainError('policy_not_in_force', `The term is ${termStateOn(term, today)}.`);
  }
  const errors = [...wrongDate('effectiveDate', request, term), ...wrongDate('expirationDate', request, term)];
  if (errors.length > 0) throw new DomainError('invalid_transaction', 'The dates are not those of a term.', { errors });
  if (lastCoverOf(terms)?.number !== term.number) {
    throw new DomainError('invalid_transition', 'Another term follows this one.', { allowedActions: [] });
  }
  return {
    ...unchanged(book, transaction),
    laid: book.instalments.filter(isUnbilled),
    term: { ...term, isLast: true },
  };
}

/** It may be renewed again, unless something else that stands says that it is the last one. */
export function reopened({ term, transactions }: TermBook, invalidated: PolicyTransaction): PolicyTerm {
  const isEnd = ({ id, type, state, termNumber }: PolicyTransaction) =>
    id !== invalidated.id && saysLast(type) && state === 'applied' && termNumber === term.number;
  return { ...term, isLast: transactions.some(isEnd) };
}

export function saysLast(type: PolicyTransaction['type']): boolean {
  return type === 'nonrenewal' || type === 'expiration';
}

function wrongDate(
  field: 'effectiveDate' | 'expirationDate',
  request: TermEndRequest,
  term: PolicyTerm,
): FieldProblem[] {
  if (request[field] === term[field]) return [];
  return [{ pointer: `/${field}`, detail: `must be ${term[field]}, as the term has it` }];
}
