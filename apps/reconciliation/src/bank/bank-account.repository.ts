import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { BankStatement } from '../domain/bank-statement.ts';

export interface BankAccount {
  readonly tenantId: string;
  readonly id: string;
}

// The update that changes nothing locks the row: two files of one account are read one after the other.
const LOCK = `
  INSERT INTO bank_accounts AS a (tenant_id, id, number, currency, bank, first_seen_at) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (tenant_id, number, currency) DO UPDATE SET bank = coalesce(a.bank, excluded.bank)
  RETURNING id`;

@Injectable()
export class BankAccountRepository {
  /** The account of a statement, made when it is the first of it, and locked until the end of the transaction. */
  async lock(tx: Tx, tenantId: string, { account, currency }: BankStatement, now: Date): Promise<BankAccount> {
    const values = [tenantId, newId(), account.number, currency, account.bank, now];
    const [row] = await tx.query<{ id: string }>(LOCK, values);
    return { tenantId, id: row!.id };
  }
}
