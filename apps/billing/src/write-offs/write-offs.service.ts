import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { openInvoice } from '../allocations/debt.ts';
import { ReceivablesService } from '../allocations/receivables.service.ts';
import { DomainError } from '../domain/errors.ts';
import type { TenantKey } from '../domain/identity.ts';
import { writeOffParts } from '../domain/write-off.ts';
import type { WriteOff } from '../domain/write-off.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { WriteOffRepository } from './write-off.repository.ts';
import type { WriteOffPage } from './write-off.repository.ts';
import type { NewWriteOff, StoredWriteOff } from './write-off.view.ts';

const counted = metrics.counter('billing_write_offs_total', 'Write-offs by people, made and reversed', ['state']);

/** Debts that nobody is asked for any more, because a person says so, and may say otherwise later. */
@Injectable()
export class WriteOffsService {
  private readonly log = new Logger(WriteOffsService.name);

  constructor(
    private readonly receivables: ReceivablesService,
    private readonly writeOffs: WriteOffRepository,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  /** @throws DomainError `write_off_refused`, `invalid_transition` */
  async create(tx: Tx, tenantId: string, { invoiceId, reason, wishIn }: NewWriteOff): Promise<StoredWriteOff> {
    const key = { tenantId, id: invoiceId };
    const policies = await this.receivables.accountsOf(tx, [key]);
    if (policies.length === 0) throw noInvoice();
    const book = await this.receivables.of(tx, policies, [key]);
    const { invoice } = book.get(key);
    const parts = writeOffParts(openInvoice(invoice).items, wishIn(invoice.currency));
    const nowOf = await this.time.of(tx, [tenantId]);
    const [writeOff, events] = book.writeOff(key, parts, { reason, occasion: { time: nowOf(tenantId) } });
    await Promise.all([this.receivables.save(tx, book), this.outbox.append(tx, events)]);
    return this.told(tx, writeOff);
  }

  /**
   * @returns null when there is no such write-off
   * @throws DomainError `invalid_transition`
   */
  async reverse(tx: Tx, key: TenantKey): Promise<StoredWriteOff | null> {
    const found = await this.writeOffs.find(tx, key);
    if (!found) return null;
    const invoice = { tenantId: key.tenantId, id: found.invoiceId };
    const book = await this.receivables.of(tx, await this.receivables.accountsOf(tx, [invoice]), [invoice]);
    // Read again under the lock: two who reverse it at once do so once.
    const standing = await this.writeOffs.find(tx, key);
    if (!standing) return null;
    book.rules.writeOffs.know(standing);
    const nowOf = await this.time.of(tx, [key.tenantId]);
    const [writeOff, events] = book.restore(standing, { time: nowOf(key.tenantId) });
    await Promise.all([this.receivables.save(tx, book), this.outbox.append(tx, events)]);
    return this.told(tx, writeOff);
  }

  find(tx: Tx, key: TenantKey): Promise<StoredWriteOff | null> {
    return this.writeOffs.find(tx, key);
  }

  page(tx: Tx, tenantId: string, page: WriteOffPage): Promise<StoredWriteOff[]> {
    return this.writeOffs.page(tx, tenantId, page);
  }

  private async told(tx: Tx, writeOff: WriteOff): Promise<StoredWriteOff> {
    const { tenantId, id: writeOffId, invoiceId, state, amountMinor, currency } = writeOff;
    tx.afterCommit(() => {
      counted.inc({ state });
      this.log.log({ tenantId, writeOffId, invoiceId, state, amountMinor: Number(amountMinor), currency }, 'write-off');
    });
    const stored = await this.writeOffs.find(tx, writeOff);
    if (!stored) throw new Error('a write-off is missing');
    return stored;
  }
}

function noInvoice(): DomainError {
  return new DomainError('write_off_refused', 'There is no such invoice.', {
    errors: [{ pointer: '/invoiceLocator', detail: 'is not known' }],
  });
}
