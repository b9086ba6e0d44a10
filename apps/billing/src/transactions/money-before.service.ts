import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { CreditRepository } from '../allocations/credit.repository.ts';
import type { Occasion } from '../allocations/occasion.ts';
import { ReceivablesService } from '../allocations/receivables.service.ts';
import type { Credit } from '../domain/credit.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { UndoneInvoicesService } from '../withdrawals/undone-invoices.service.ts';
import { WithdrawalsService } from '../withdrawals/withdrawals.service.ts';
import type { Change } from './change.ts';
import type { OpenBook } from './term-books.service.ts';

interface Undoing {
  readonly open: OpenBook;
  readonly change: Change;
  readonly occasion: Occasion;
}

/** Money that leaves invoices before a change is written: of what is owed no more, and of credits without a reason. */
@Injectable()
export class MoneyBeforeService {
  constructor(
    private readonly undone: UndoneInvoicesService,
    private readonly withdrawals: WithdrawalsService,
    private readonly credits: CreditRepository,
    private readonly receivables: ReceivablesService,
    private readonly instalments: InstalmentRepository,
    private readonly outbox: Outbox,
  ) {}

  /** @returns what had been paid on the undone invoices, and is unapplied now */
  async undo(tx: Tx, { open, change, occasion }: Undoing): Promise<bigint> {
    const { tenantId, locator } = open.policy;
    const invoices = change.undone.flatMap(({ invoiceId: id }) => (id === null ? [] : [{ tenantId, id }]));
    const nothings = change.undone.filter(({ invoiceId }) => invoiceId === null).map(({ id }) => id);
    await this.instalments.cancelNothing(tx, tenantId, nothings);
    const undoing = { policy: { tenantId, locator }, invoices, held: open.held, occasion };
    const undistributedMinor = await this.undone.undo(tx, undoing);
    // Last, for it reads anew what money holds, and a credit may be on an invoice that was undone just now.
    if (change.invalidated) await this.takeCreditsBack(tx, open, change.invalidated, occasion);
    return undistributedMinor;
  }

  /** What a transaction had given is owed again where it was used, and its memo gives nothing back any more. */
  private async takeCreditsBack(tx: Tx, open: OpenBook, of: PolicyTransaction, occasion: Occasion): Promise<void> {
    const { tenantId, locator, policyholderLocator } = open.policy;
    const credits = await this.credits.ofTransaction(tx, of);
    if (credits.length === 0) return;
    const about = { tenantId, policyLocator: locator, policyholderLocator, effectiveDate: open.today, occasion };
    await this.withdrawals.takeCreditsBack(
      tx,
      credits.map((credit) => ({ ...about, ...reversalOf(credit) })),
    );
    const memos = credits.flatMap(({ memoId: id }) => (id === null ? [] : [{ tenantId, id }]));
    const book = await this.receivables.of(tx, [{ tenantId, locator }], memos);
    const events = memos.flatMap((memo) => book.annul(memo, occasion));
    await Promise.all([this.receivables.save(tx, book), this.outbox.append(tx, events)]);
  }
}

function reversalOf({ id: paymentLocator, amountMinor: minor, currency }: Credit) {
  return { paymentLocator, kind: 'reversal', refundId: null, amount: { minor, currency } } as const;
}
