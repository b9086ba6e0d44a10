import { isUnbilled } from '../domain/recut.ts';
import type { PartyChangeRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { unchanged } from './change.ts';
import type { Change } from './change.ts';
import type { TermBook } from './term-book.ts';

/** Nothing of the schedule: who is behind the policy is asked when the next thing is billed, charged or reserved. */
export function changeParties(book: TermBook, { parties }: PartyChangeRequest, transaction: PolicyTransaction): Change {
  return { ...unchanged(book, transaction), laid: book.instalments.filter(isUnbilled), parties };
}
