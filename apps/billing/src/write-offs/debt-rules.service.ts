import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import { BillingSettingsRepository } from '../settings/billing-settings.repository.ts';
import type { SettingsOf } from '../settings/billing-settings.repository.ts';
import { WriteOffBook } from './write-off-book.ts';
import { WriteOffRepository } from './write-off.repository.ts';

/** What tenants have decided about their debts, and what has been written off of some of them. */
export interface DebtRules {
  readonly settingsOf: SettingsOf;
  readonly writeOffs: WriteOffBook;
}

/** What a book of debts needs beside the debts: how they are to be paid, and what is forgiven of them. */
@Injectable()
export class DebtRulesService {
  constructor(
    private readonly settings: BillingSettingsRepository,
    private readonly writeOffs: WriteOffRepository,
  ) {}

  /** With what was forgiven of these invoices; of open ones nothing was. */
  async read(tx: Tx, tenantIds: Iterable<string>, invoices: readonly TenantKey[]): Promise<DebtRules> {
    const [settingsOf, forgiven] = await Promise.all([
      this.settings.of(tx, tenantIds),
      invoices.length === 0 ? [] : this.writeOffs.forgiven(tx, invoices),
    ]);
    return { settingsOf, writeOffs: new WriteOffBook(forgiven) };
  }

  async save(tx: Tx, writeOffs: WriteOffBook): Promise<void> {
    await Promise.all([this.writeOffs.insert(tx, writeOffs.made()), this.writeOffs.reverse(tx, writeOffs.reversed())]);
  }
}
