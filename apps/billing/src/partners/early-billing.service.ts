import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { InvoiceType } from '../domain/invoice.ts';
import { moveInstalment } from '../domain/instalment.ts';
import type { InstalmentSource } from '../domain/instalment.ts';
import { netItems } from '../domain/net-items.ts';
import type { Policy } from '../domain/policy.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { instalmentData } from '../instalments/instalment.events.ts';
import { IssueService } from '../invoices/issue.service.ts';
import type { InvoiceDraft } from '../invoices/issue.service.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { PartnerInstalment } from './collection.view.ts';

/**
 * Issues the invoices of instalments that a partner has collected before their date. `instalment.due` is not said of
 * them: it asks for money that is there.
 */
@Injectable()
export class EarlyBillingService {
  constructor(
    private readonly instalments: InstalmentRepository,
    private readonly issuing: IssueService,
    private readonly outbox: Outbox,
  ) {}

  /** Of those that are not billed yet. The caller holds the locks of their policies. */
  async bill(
    tx: Tx,
    instalments: readonly PartnerInstalment[],
    policies: ReadonlyMap<string, Policy>,
    nowOf: NowOf,
  ): Promise<void> {
    const early = instalments.filter(({ state }) => state === 'scheduled');
    if (early.length === 0) return;
    const drafts = early.map((each) => draftOf(each, policies.get(each.policyLocator)!));
    const invoices = await this.issuing.issue(tx, drafts, nowOf);
    const billed = early.map((each) => ({
      ...each,
      state: moveInstalment(each.state, 'bill'),
      version: each.version + 1,
    }));
    await Promise.all([
      this.instalments.update(
        tx,
        billed,
        early.map(({ version }) => version),
      ),
      this.outbox.append(
        tx,
        billed.map((each, index) => {
          const { policy } = drafts[index]!;
          const { lines, paidThrough } = each;
          const data = instalmentData(each, { policy, lines, invoiceId: invoices[index]!.id, paidThrough });
          const { tenantId, id: subject, version: sequence } = each;
          return { type: 'instalment.billed', tenantId, subject, sequence, data, time: nowOf(tenantId) };
        }),
      ),
    ]);
  }
}

function draftOf(instalment: PartnerInstalment, policy: Policy): InvoiceDraft {
  const { tenantId, id: instalmentId, policyLocator, currency, dueOn, lines, source } = instalment;
  return {
    tenantId,
    type: typeOf(source),
    policy,
    policyLocator,
    instalmentId,
    currency,
    dueOn,
    items: netItems(lines),
  };
}

function typeOf(source: InstalmentSource): InvoiceType {
  return source === 'plan' || source === 'reinstatement' ? 'instalment' : source;
}
