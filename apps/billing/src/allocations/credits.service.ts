import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CommissionsService } from '../commissions/commissions.service.ts';
import type { Credit } from '../domain/credit.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { AllocationsService } from './allocations.service.ts';
import { ReceivablesService } from './receivables.service.ts';
import type { Receipt } from './receipts.service.ts';
import type { Occasion } from './occasion.ts';

/** A credit that is new, and what it is for where that is one invoice. */
export interface NewCredit {
  readonly credit: Credit;
  readonly invoiceId?: string;
  readonly occasion: Occasion;
}

/**
 * Money that no payment brought: a credit memo's, or what a partner has collected. It pays the open invoices of its
 * policy as a payment does, what is due first first; what is left is unapplied. It is not paid out by itself.
 */
@Injectable()
export class CreditsService {
  constructor(
    private readonly receivables: ReceivablesService,
    private readonly allocations: AllocationsService,
    private readonly commissions: CommissionsService,
  ) {}

  /**
   * Locks these policies, and the subscriptions whose periods money of theirs may pay: before the counter of invoice
   * numbers, for a caller who issues invoices and then grants what pays them.
   */
  async lock(tx: Tx, policies: readonly PolicyKey[]): Promise<void> {
    await this.receivables.openOf(tx, policies);
  }

  /** The caller holds the locks of the policies. */
  async grant(tx: Tx, credits: readonly NewCredit[]): Promise<void> {
    await this.allocations.receive(tx, credits.map(receiptOf));
    // Of a memo whose credit paid nothing.
    await this.commissions.follow(
      tx,
      credits.map(({ credit: { tenantId, policyLocator: locator }, occasion }) => ({ tenantId, locator, occasion })),
    );
  }
}

function receiptOf({ credit, invoiceId, occasion }: NewCredit): Receipt {
  const { tenantId, id, kind, policyLocator, currency, amountMinor, effectiveDate } = credit;
  const named = { policyLocator, ...(invoiceId === undefined ? {} : { invoiceLocator: invoiceId }) };
  return {
    tenantId,
    locator: id,
    kind,
    credit,
    amount: { minor: amountMinor, currency },
    named,
    destination:
      invoiceId === undefined ? { kind: 'policy', policyLocator } : { kind: 'invoice', policyLocator, invoiceId },
    attempt: null,
    effectiveDate,
    occasion,
  };
}
