import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { In, LessThan } from 'typeorm';
import type { TenantKey } from '../domain/identity.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { TransactionType } from '../domain/transaction.ts';
import { ChargeEntity } from '../policies/charge.entity.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { PolicyTransactionEntity } from '../policies/policy-transaction.entity.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { ScheduleEntity } from '../schedules/schedule.entity.ts';
import type { BookedInstalment, TermCharge } from './term-book.ts';

export interface TransactionPage {
  readonly before: string | null;
  readonly limit: number;
}

interface InstalmentRow extends Omit<BookedInstalment, 'period' | 'lines'> {
  periodStart: string;
  periodEnd: string;
  lines: { chargeId: string; amount: string }[] | null;
}

const COLUMNS = `
  i.id, i.number, i.source, i.state, i.due_on AS "dueOn", i.period_start AS "periodStart", i.period_end AS "periodEnd",
  i.generate_at AS "generateAt", i.autopay_on AS "autopayOn",
  (SELECT json_agg(json_build_object('chargeId', l.charge_id, 'amount', l.amount_minor::text) ORDER BY l.charge_id)
     FROM instalment_lines l WHERE l.tenant_id = i.tenant_id AND l.instalment_id = i.id) AS lines`;

const INSTALMENTS = `
  SELECT ${COLUMNS},
         (SELECT v.id FROM invoices v WHERE v.tenant_id = i.tenant_id AND v.instalment_id = i.id) AS "invoiceId"
    FROM instalments i
   WHERE i.tenant_id = $1 AND i.schedule_id = $2 AND i.state <> 'superseded' ORDER BY i.number`;

const CUT_BY = `
  SELECT ${COLUMNS}, NULL AS "invoiceId" FROM instalments i
   WHERE i.tenant_id = $1 AND i.superseded_by = $2 ORDER BY i.due_on, i.number`;

// Whose money is on this policy: what it pays, what is unapplied, and the credits that the policy was given.
const PAYMENTS = `
  SELECT a.tenant_id AS "tenantId", a.payment_locator AS id FROM invoices v
    JOIN allocations a ON a.tenant_id = v.tenant_id AND a.invoice_id = v.id
   WHERE v.tenant_id = $1 AND v.policy_locator = $2
   UNION
  SELECT e.tenant_id, e.payment_locator FROM unapplied_funds f
    JOIN unapplied_entries e ON e.tenant_id = f.tenant_id AND e.fund_id = f.id
   WHERE f.tenant_id = $1 AND f.owner_type = 'policy' AND f.owner_locator = $2::text
   UNION
  SELECT r.tenant_id, r.locator FROM received_payments r WHERE r.tenant_id = $1 AND r.policy_locator = $2`;

const PREMIUM_PAID = `
  SELECT coalesce(sum(t.allocated_minor), 0) AS paid FROM charges c
    JOIN invoice_items t ON t.tenant_id = c.tenant_id AND t.charge_id = c.id
    JOIN invoices v ON v.tenant_id = t.tenant_id AND v.id = t.invoice_id
   WHERE c.tenant_id = $1 AND c.policy_locator = $2 AND c.term_number = $3 AND c.category = 'premium'
     AND v.type <> 'credit_memo' AND v.state <> 'void'`;

/** Reads everything that a transaction of a policy has to see. */
@Injectable()
export class TermBookRepository {
  paymentsOf(tx: Tx, { tenantId, locator }: PolicyKey): Promise<TenantKey[]> {
    return tx.query<TenantKey>(PAYMENTS, [tenantId, locator]);
  }

  transactions(tx: Tx, { tenantId, locator: policyLocator }: PolicyKey): Promise<PolicyTransaction[]> {
    return tx.manager.find(PolicyTransactionEntity, { where: { tenantId, policyLocator }, order: { number: 'ASC' } });
  }

  find(tx: Tx, { tenantId, id }: TenantKey): Promise<PolicyTransaction | null> {
    return tx.manager.findOneBy(PolicyTransactionEntity, { tenantId, id });
  }

  /** Of transactions that stand, and of none. */
  async charges(
    tx: Tx,
    { tenantId, locator: policyLocator }: PolicyKey,
    termNumber: number,
    transactions: readonly PolicyTransaction[],
  ): Promise<TermCharge[]> {
    const types = new Map<string, TransactionType>(
      transactions.filter(({ state }) => state === 'applied').map(({ id, type }) => [id, type]),
    );
    const rows = await tx.manager.find(ChargeEntity, {
      where: { tenantId, policyLocator, termNumber },
      order: { id: 'ASC' },
    });
    return rows.flatMap((charge): TermCharge[] => {
      const transactionType = charge.transactionId === null ? null : types.get(charge.transactionId);
      return transactionType === undefined ? [] : [{ ...charge, transactionType }];
    });
  }

  /**
   * The one applied last first: an id is the sender's and says nothing of that. `before` is a number. One more than
   * `limit`, so that the caller sees whether there is another page.
   */
  page(tx: Tx, { tenantId, locator: policyLocator }: PolicyKey, { before, limit }: TransactionPage) {
    return tx.manager.find(PolicyTransactionEntity, {
      where: { tenantId, policyLocator, ...(before === null ? {} : { number: LessThan(Number(before)) }) },
      order: { number: 'DESC' },
      take: limit + 1,
    });
  }

  /** The newest schedule of each term. */
  async schedulesOf(tx: Tx, { tenantId, locator: policyLocator }: PolicyKey): Promise<Map<number, string>> {
    const found = await tx.manager.find(ScheduleEntity, { where: { tenantId, policyLocator }, order: { id: 'ASC' } });
    return new Map(found.map(({ termNumber, id }) => [termNumber, id]));
  }

  chargesOf(tx: Tx, tenantId: string, transactionIds: readonly string[]) {
    return tx.manager.find(ChargeEntity, {
      where: { tenantId, transactionId: In([...transactionIds]) },
      order: { position: 'ASC' },
    });
  }

  /** The newest of a term: any before it was superseded. */
  async schedule(
    tx: Tx,
    { tenantId, locator: policyLocator }: PolicyKey,
    termNumber: number,
  ): Promise<Schedule | null> {
    const [schedule] = await tx.manager.find(ScheduleEntity, {
      where: { tenantId, policyLocator, termNumber },
      order: { id: 'DESC' },
      take: 1,
    });
    return schedule ?? null;
  }

  async instalments(tx: Tx, { tenantId, id }: TenantKey): Promise<BookedInstalment[]> {
    return (await tx.query<InstalmentRow>(INSTALMENTS, [tenantId, id])).map(toBooked);
  }

  /** What of the premium of a term was paid, in money or by credits. */
  async premiumPaid(tx: Tx, { tenantId, locator }: PolicyKey, termNumber: number): Promise<bigint> {
    const [row] = await tx.query<{ paid: string }>(PREMIUM_PAID, [tenantId, locator, termNumber]);
    return BigInt(row?.paid ?? 0);
  }

  /** What a transaction has cut out of its schedule. */
  async cutBy(tx: Tx, { tenantId, id }: TenantKey): Promise<BookedInstalment[]> {
    return (await tx.query<InstalmentRow>(CUT_BY, [tenantId, id])).map(toBooked);
  }
}

function toBooked({ periodStart: start, periodEnd: end, lines, ...row }: InstalmentRow): BookedInstalment {
  return {
    ...row,
    period: { start, end },
    lines: (lines ?? []).map(({ chargeId, amount }) => ({ chargeId, amountMinor: BigInt(amount) })),
  };
}
