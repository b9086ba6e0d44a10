import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { DomainError } from '../domain/errors.ts';
import type { TransactionRequest } from '../domain/transaction.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { TermBooksService } from './term-books.service.ts';
import { TransactionsReader } from './transactions-reader.service.ts';
import { TransactionsService } from './transactions.service.ts';

export interface ToldCommand {
  readonly policyLocator: string;
  readonly transactionId: string;
  readonly policyVersion: number | undefined;
  readonly cause: QuittanceEvent;
  /** Its amounts are in the currency of the policy. */
  readonly requestIn: (currency: string) => TransactionRequest;
}

/** Transactions that a policy system told over the stream: the same ones, by the same way, once each by their id. */
@Injectable()
export class ToldTransactionsService {
  constructor(
    private readonly transactions: TransactionsService,
    private readonly reader: TransactionsReader,
    private readonly books: TermBooksService,
  ) {}

  /**
   * One by one, for each is decided on what the one before it left; those of one tenant together.
   * @throws PoisonError for what the rules refuse, or a policy that was never issued here
   * @throws DomainError `payment_in_progress`, which passes: it is to be tried again
   */
  async apply(tx: Tx, told: readonly ToldCommand[]): Promise<void> {
    const inOrder = told.toSorted((a, b) => compare(a.cause.tenantid, b.cause.tenantid));
    await this.books.hold(tx, inOrder.map(keyOf));
    for (const command of inOrder) await this.applyOne(tx, command);
  }

  private async applyOne(tx: Tx, told: ToldCommand): Promise<void> {
    const { transactionId, policyVersion, cause, requestIn } = told;
    const key = keyOf(told);
    const currency = await this.reader.currencyOf(tx, key);
    if (currency === null) throw new PoisonError(`unknown_policy: ${key.locator} was never issued here`);
    try {
      const expected = policyVersion === undefined ? {} : { policyVersion };
      await this.transactions.apply(tx, { ...key, ...expected, transactionId, cause, request: requestIn(currency) });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'payment_in_progress') throw error;
      throw new PoisonError(reasonOf(error), { cause: error });
    }
  }
}

function keyOf({ policyLocator: locator, cause }: ToldCommand): PolicyKey {
  return { tenantId: cause.tenantid, locator };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function reasonOf({ code, message, context }: DomainError): string {
  const fields = (context.errors ?? []).map(({ pointer, detail }) => ` ${pointer} ${detail}`);
  return `${code}: ${message}${fields.join(';')}`;
}
