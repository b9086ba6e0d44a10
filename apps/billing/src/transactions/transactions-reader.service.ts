import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PolicyRepository } from '../policies/policy.repository.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { TermBookRepository } from './term-book.repository.ts';
import type { TransactionPage } from './term-book.repository.ts';
import type { AppliedTransaction } from './applied-transaction.view.ts';

/** What was done with policies, as it is answered to who asks. */
@Injectable()
export class TransactionsReader {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly books: TermBookRepository,
  ) {}

  async currencyOf(tx: Tx, { tenantId, locator }: PolicyKey): Promise<string | null> {
    return (await this.policies.find(tx, tenantId, locator))?.currency ?? null;
  }

  /** @returns null where there is no such policy */
  async page(tx: Tx, key: PolicyKey, page: TransactionPage): Promise<AppliedTransaction[] | null> {
    const currency = await this.currencyOf(tx, key);
    if (currency === null) return null;
    return this.answers(tx, key, await this.books.page(tx, key, page));
  }

  async find(tx: Tx, key: PolicyKey, id: string): Promise<AppliedTransaction | null> {
    const found = await this.books.find(tx, { tenantId: key.tenantId, id });
    if (!found || found.policyLocator !== key.locator) return null;
    return (await this.answers(tx, key, [found]))[0] ?? null;
  }

  private async answers(tx: Tx, key: PolicyKey, rows: readonly PolicyTransaction[]): Promise<AppliedTransaction[]> {
    const { tenantId, locator } = key;
    const ids = rows.map(({ id }) => id);
    const [policy, charges, schedules] = await Promise.all([
      this.policies.find(tx, tenantId, locator),
      this.books.chargesOf(tx, tenantId, ids),
      this.books.schedulesOf(tx, key),
    ]);
    return rows.map((transaction) => ({
      transaction,
      charges: charges.filter(({ transactionId }) => transactionId === transaction.id),
      scheduleId: schedules.get(transaction.termNumber) ?? '',
      currency: policy?.currency ?? '',
      policyVersion: policy?.version ?? 0,
    }));
  }
}
