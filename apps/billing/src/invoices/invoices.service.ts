import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DisputeRepository } from '../disputes/dispute.repository.ts';
import type { TenantKey } from '../domain/identity.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { StoredInvoice } from './invoice.entity.ts';
import { InvoiceRepository } from './invoice.repository.ts';
import type { InvoicePage } from './invoice.repository.ts';
import type { InvoiceView } from './invoice.view.ts';

@Injectable()
export class InvoicesService {
  constructor(
    private readonly invoices: InvoiceRepository,
    private readonly disputes: DisputeRepository,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
  ) {}

  async find(tx: Tx, key: TenantKey): Promise<InvoiceView | null> {
    const invoice = await this.invoices.find(tx, key);
    if (!invoice) return null;
    const [view] = await this.views(tx, key.tenantId, [invoice]);
    return view ?? null;
  }

  async page(tx: Tx, tenantId: string, page: InvoicePage): Promise<InvoiceView[]> {
    return this.views(tx, tenantId, await this.invoices.page(tx, tenantId, page));
  }

  private async views(tx: Tx, tenantId: string, invoices: readonly StoredInvoice[]): Promise<InvoiceView[]> {
    const ids = invoices.map(({ id }) => id);
    const [items, disputed, policies, nowOf] = await Promise.all([
      this.invoices.items(tx, tenantId, ids),
      this.disputes.disputed(tx, tenantId, ids),
      this.policies.findAll(
        tx,
        tenantId,
        invoices.flatMap(({ policyLocator }) => policyLocator ?? []),
      ),
      this.time.of(tx, [tenantId]),
    ]);
    return invoices.map((invoice) => {
      const policy = policies.get(invoice.policyLocator ?? '');
      const { policyholderLocator = null, timeZone = 'UTC' } = policy ?? {};
      const disputedMinor = disputed.get(invoice.id) ?? 0n;
      const own = { invoice, items: items.get(invoice.id) ?? [], disputedMinor };
      return { ...own, policyholderLocator, timeZone, now: nowOf(tenantId) };
    });
  }
}
