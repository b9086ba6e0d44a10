import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { AutoApplyService } from '../allocations/auto-apply.service.ts';
import { CreditsService } from '../allocations/credits.service.ts';
import type { Occasion } from '../allocations/occasion.ts';
import { DisbursementRequestsService } from '../disbursements/disbursement-requests.service.ts';
import type { Credit } from '../domain/credit.ts';
import { amountOf } from '../domain/recut.ts';
import { DueRepository } from '../instalments/due.repository.ts';
import { DueService } from '../instalments/due.service.ts';
import { IssueService } from '../invoices/issue.service.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import type { Change } from './change.ts';
import type { TermBook } from './term-book.ts';

export interface Settling {
  readonly book: TermBook;
  readonly change: Change;
  readonly occasion: Occasion;
  readonly nowOf: NowOf;
}

/**
 * Money that finds its way after a change: what is due is billed, what is given back pays it, the rest is the owner's.
 */
@Injectable()
export class MoneyAfterService {
  constructor(
    private readonly dues: DueRepository,
    private readonly due: DueService,
    private readonly issuing: IssueService,
    private readonly credits: CreditsService,
    private readonly unapplied: AutoApplyService,
    private readonly payments: HeldPaymentsService,
    private readonly disbursements: DisbursementRequestsService,
  ) {}

  async settle(tx: Tx, { book, change, occasion, nowOf }: Settling): Promise<void> {
    const { policy, now } = book;
    const key = { tenantId: policy.tenantId, locator: policy.locator };
    const { cause } = occasion;
    const dues = (await this.dues.ofPolicy(tx, key, now)).map((each) => ({ ...each, cause }));
    await this.due.bill(tx, dues, nowOf);
    const credit = await this.grant(tx, { book, change, occasion, nowOf });
    await this.unapplied.apply(tx, [key], nowOf);
    // After the money that lay there: only what is left is asked for.
    await this.due.announceDue(tx, dues, nowOf);
    if (credit && change.creditSource === 'return_premium') await this.payFinancer(tx, book, credit);
  }

  /** What no instalment could take off: a credit memo says it, and its money is a credit. */
  private async grant(tx: Tx, { book, change, occasion, nowOf }: Settling): Promise<Credit | null> {
    const amountMinor = -amountOf(change.credited);
    if (amountMinor === 0n) return null;
    const { policy, today } = book;
    const { tenantId, locator: policyLocator, currency } = policy;
    const charges = new Map([...book.charges, ...change.charges].map((charge) => [charge.id, charge]));
    const items = change.credited.map(({ chargeId, amountMinor: minor }) => {
      const { category, code } = charges.get(chargeId)!;
      return { chargeId, category, code, amountMinor: minor };
    });
    const draft = { tenantId, policy, policyLocator, instalmentId: null, currency, dueOn: today, items };
    const drafts = [{ ...draft, type: 'credit_memo' as const, cause: occasion.cause }];
    const [memo] = await this.issuing.issue(tx, drafts, nowOf);
    const credit: Credit = {
      ...{ tenantId, id: newId(), kind: 'credit', source: change.creditSource, policyLocator, currency, amountMinor },
      ...{ transactionId: change.transaction.id, memoId: memo!.id, effectiveDate: today },
    };
    await this.credits.grant(tx, [{ credit, occasion }]);
    return credit;
  }

  /** S-62: who financed the premium gets back what is left of it, whatever is still owed on the loan. */
  private async payFinancer(tx: Tx, { policy }: TermBook, { tenantId, id, currency }: Credit): Promise<void> {
    if (policy.billingMethod !== 'financed' || policy.financerId === null) return;
    const [held] = (await this.payments.lock(tx, [{ tenantId, id }])).values();
    const amountMinor = held?.received.unappliedMinor ?? 0n;
    if (amountMinor === 0n) return;
    await this.disbursements.askUnlessHeld(tx, tenantId, {
      source: { type: 'unapplied', ownerType: 'policy', ownerLocator: policy.locator },
      ...{ currency, amountMinor, payeeType: 'financer', payeeLocator: policy.financerId },
      ...{ method: null, reason: 'return premium of a financed policy' },
    });
  }
}
