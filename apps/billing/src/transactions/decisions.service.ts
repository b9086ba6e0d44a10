import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import { DomainError } from '../domain/errors.ts';
import { planOfTerm } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';
import type { TransactionRequest } from '../domain/transaction.ts';
import { PlansService } from '../plans/plans.service.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { cancel } from './cancellation.ts';
import type { Change } from './change.ts';
import { endorseTerm } from './endorsement.ts';
import { undo } from './invalidation.ts';
import { changeParties } from './party-change.ts';
import { payByPlan } from './plan-change.ts';
import { reinstate } from './reinstatement.ts';
import { TermBookRepository } from './term-book.repository.ts';
import { endTerm } from './term-end.ts';
import { lastCancellationOf } from './term-book.ts';
import type { TermBook } from './term-book.ts';

type ChangeRequest = Exclude<TransactionRequest, { type: 'renewal' }>;

/** Brings each kind of transaction what its rule needs, and has it decided. */
@Injectable()
export class DecisionsService {
  constructor(
    private readonly books: TermBookRepository,
    private readonly attempts: CollectionAttemptRepository,
    private readonly plans: PlansService,
  ) {}

  async decide(tx: Tx, book: TermBook, request: TransactionRequest, transaction: PolicyTransaction): Promise<Change> {
    const change = await this.decided(tx, book, request as ChangeRequest, transaction);
    const ids = change.undone.map(({ id }) => id);
    if (await this.attempts.isAnyRequested(tx, book.policy.tenantId, ids)) {
      throw new DomainError('payment_in_progress', 'A payment of what is to be undone is being collected: ask again.');
    }
    return change;
  }

  /** @throws DomainError `invalid_policy` where there is no such plan */
  private async planOf(tx: Tx, { policy: { tenantId }, term }: TermBook, name: string): Promise<Plan> {
    return planOfTerm((await this.plans.of(tx, [{ tenantId, name }]))({ tenantId, name }), term.number);
  }

  private async decided(tx: Tx, book: TermBook, request: ChangeRequest, transaction: PolicyTransaction) {
    switch (request.type) {
      case 'endorsement':
        return endorseTerm(book, request, transaction);
      case 'cancellation':
        return cancel(book, request, transaction);
      case 'reinstatement': {
        const last = lastCancellationOf(book);
        return reinstate(book, request, transaction, last ? await this.books.cutBy(tx, last) : []);
      }
      case 'invalidation': {
        const invalidated = book.transactions.find(({ id }) => id === request.transactionId);
        if (!invalidated) throw new Error('the transaction was there when the term was looked up');
        return undo(book, invalidated, transaction, await this.books.cutBy(tx, invalidated));
      }
      case 'nonrenewal':
      case 'expiration':
        return endTerm(book, request, transaction);
      case 'party_change':
        return changeParties(book, request, transaction);
      case 'plan_change':
        return payByPlan(book, request, transaction, await this.planOf(tx, book, request.plan));
    }
  }
}
