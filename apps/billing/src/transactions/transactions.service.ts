import { Injectable, Logger } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { Occasion } from '../allocations/occasion.ts';
import { DomainError } from '../domain/errors.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { TransactionRequest } from '../domain/transaction.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { AppliedTransaction } from './applied-transaction.view.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { Change } from './change.ts';
import { ChangesService } from './changes.service.ts';
import { DecisionsService } from './decisions.service.ts';
import { MoneyAfterService } from './money-after.service.ts';
import { MoneyBeforeService } from './money-before.service.ts';
import { RenewalsService } from './renewals.service.ts';
import { TermBooksService } from './term-books.service.ts';
import type { OpenBook } from './term-books.service.ts';
import { headOf } from './transaction-head.ts';

const counted = metrics.counter('billing_policy_transactions_total', 'Policy transactions applied, by type', ['type']);

export interface TransactionCommand extends PolicyKey {
  readonly request: TransactionRequest;
  /** The sender's id: told again, it changes nothing. */
  readonly transactionId?: string;
  /** The version of the policy that the sender knows; another one is refused. */
  readonly policyVersion?: number;
  readonly cause?: QuittanceEvent | undefined;
}

/**
 * Changes of policies that have money in them. One way for all of them: lock and read the term, decide everything by
 * pure functions, write it down, and then let money find its way to what is owed.
 */
@Injectable()
export class TransactionsService {
  private readonly log = new Logger(TransactionsService.name);

  constructor(
    private readonly books: TermBooksService,
    private readonly decisions: DecisionsService,
    private readonly changes: ChangesService,
    private readonly before: MoneyBeforeService,
    private readonly after: MoneyAfterService,
    private readonly renewals: RenewalsService,
    private readonly time: TenantTime,
  ) {}

  /** @returns null where there is no such policy */
  async apply(tx: Tx, command: TransactionCommand): Promise<AppliedTransaction | null> {
    const nowOf = await this.time.of(tx, [command.tenantId]);
    const open = await this.books.lock(tx, command, nowOf);
    if (!open) return null;
    const known = await this.known(tx, open, command);
    if (known) return known;
    const { policy, transactions } = open;
    if (command.policyVersion !== undefined && command.policyVersion !== policy.version) {
      const errors = [{ pointer: '/policyVersion', detail: `the policy is at version ${policy.version}` }];
      throw new DomainError('policy_changed', 'The policy has changed since it was read.', { errors });
    }
    const occasion = { time: nowOf(command.tenantId), cause: command.cause };
    const { request } = command;
    const head = headOf(open, { ...command, number: transactions.length + 1, now: occasion.time });
    const applied =
      request.type === 'renewal'
        ? await this.renewals.renew(tx, open, { request, head, occasion, nowOf })
        : await this.change(tx, open, { command, head, occasion, nowOf });
    this.tell(tx, applied);
    return applied;
  }

  private async change(
    tx: Tx,
    open: OpenBook,
    { command, head, occasion, nowOf }: Applying,
  ): Promise<AppliedTransaction> {
    const book = await this.books.read(tx, open, command.request);
    const change = await this.decisions.decide(tx, book, command.request, { ...head, termNumber: book.term.number });
    const undistributedMinor = await this.before.undo(tx, { open, change, occasion });
    const isAsRead = change.undone.length === 0 && change.invalidated === null;
    const stands = isAsRead ? book : await this.books.again(tx, book);
    const told = withUndistributed(change, undistributedMinor);
    const schedule: Schedule = await this.changes.write(tx, stands, told, occasion);
    await this.after.settle(tx, { book: stands, change: told, occasion, nowOf });
    const { transaction, charges } = change;
    const { policy } = book;
    const answer = { currency: policy.currency, policyVersion: policy.version + 1 };
    return { transaction, charges, scheduleId: schedule.id, ...answer };
  }

  /** @throws DomainError `transaction_conflict` for one that is here with other content, or of another policy */
  private async known(tx: Tx, open: OpenBook, { tenantId, locator, transactionId, request }: TransactionCommand) {
    if (transactionId === undefined) return null;
    const found = await this.books.transaction(tx, { tenantId, id: transactionId });
    if (!found) return null;
    const { contentHash } = headOf(open, { request, transactionId, number: found.number, now: found.createdAt });
    if (found.policyLocator !== locator || !found.contentHash || !contentHash?.equals(found.contentHash)) {
      throw new DomainError('transaction_conflict', `Transaction ${found.id} is here with other content.`);
    }
    return this.books.answer(tx, open, found);
  }

  private tell(tx: Tx, { transaction, charges, scheduleId, currency }: AppliedTransaction): void {
    const { tenantId, id: transactionId, policyLocator, type, effectiveDate, termNumber } = transaction;
    const chargedMinor = Number(charges.reduce((sum, { amountMinor }) => sum + amountMinor, 0n));
    tx.afterCommit(() => {
      counted.inc({ type });
      const ids = { tenantId, policyLocator, transactionId, scheduleId, termNumber };
      this.log.log({ ...ids, type, effectiveDate, chargedMinor, currency }, 'policy transaction applied');
    });
  }
}

interface Applying {
  readonly command: TransactionCommand;
  readonly head: PolicyTransaction;
  readonly occasion: Occasion;
  readonly nowOf: NowOf;
}

/** What had been paid on what a change of plan lays out anew is known only once it was taken back. */
function withUndistributed(change: Change, minor: bigint): Change {
  if (minor === 0n) return change;
  return { ...change, facts: change.facts.map((fact) => (fact.type === 'plan.changed' ? moved(fact, minor) : fact)) };
}

function moved(fact: Change['facts'][number], minor: bigint): Change['facts'][number] {
  const data = fact.data as { undistributed: { currency: string } };
  return {
    ...fact,
    data: { ...data, undistributed: toWire({ minor, currency: data.undistributed.currency }) },
  } as typeof fact;
}
