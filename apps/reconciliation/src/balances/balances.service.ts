import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Account, AccountBalance } from '../domain/chart.ts';
import { JournalRepository } from '../journal/journal.repository.ts';
import { BalanceRepository } from './balance.repository.ts';
import type { BalanceAt, Dimension } from './balance.repository.ts';

/** What stands on the accounts: all of it, at a date, or of one policy, invoice or party. */
@Injectable()
export class BalancesService {
  constructor(
    private readonly balances: BalanceRepository,
    private readonly journal: JournalRepository,
  ) {}

  accounts(tx: Tx): Promise<Account[]> {
    return this.journal.accounts(tx);
  }

  trialBalance(tx: Tx, at: BalanceAt): Promise<AccountBalance[]> {
    return this.balances.balances(tx, at);
  }

  /** @returns undefined where the tenant's chart has no such account */
  async ofAccount(tx: Tx, code: string, at: BalanceAt): Promise<AccountBalance[] | undefined> {
    const [accounts, balances] = await Promise.all([
      this.journal.accounts(tx),
      this.balances.balances(tx, { ...at, account: code }),
    ]);
    return accounts.some((account) => account.code === code) ? balances : undefined;
  }

  ofDimension(tx: Tx, dimension: Dimension): Promise<AccountBalance[]> {
    return this.balances.ofDimension(tx, dimension);
  }
}
