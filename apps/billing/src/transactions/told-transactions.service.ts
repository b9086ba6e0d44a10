import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { DomainError } from '../domain/errors.ts';
import type { TransactionRequest } from '../domain/transaction.ts';
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
  ) {}

  /** @throws PoisonError for what the rules refuse, or a policy that was never issued here */
  async apply(tx: Tx, { policyLocator: locator, transactionId, policyVersion, cause, requestIn }: ToldCommand) {
    const key = { tenantId: cause.tenantid, locator };
    const currency = await this.reader.currencyOf(tx, key);
    if (currency === null) throw new PoisonError(`unknown_policy: ${locator} was never issued here`);
    try {
      const expected = policyVersion === undefined ? {} : { policyVersion };
      await this.transactions.apply(tx, { ...key, ...expected, transactionId, cause, request: requestIn(currency) });
    } catch (error) {
      if (error instanceof DomainError) throw new PoisonError(reasonOf(error), { cause: error });
      throw error;
    }
  }
}

function reasonOf({ code, message, context }: DomainError): string {
  const fields = (context.errors ?? []).map(({ pointer, detail }) => ` ${pointer} ${detail}`);
  return `${code}: ${message}${fields.join(';')}`;
}
