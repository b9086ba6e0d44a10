import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { LessThan } from 'typeorm';
import type { CommissionEntryState } from '../domain/commission.ts';
import type { CommissionEntry, ProducerBalance, StatementPeriod } from '../domain/producer-account.ts';
import type { ProducerPage } from './commission-agreement.repository.ts';
import { CommissionEntryEntity } from './commission.entity.ts';

export interface CommissionEntryPage extends ProducerPage {
  readonly policyLocator: string | null;
  readonly state: CommissionEntryState | null;
}

type BalanceRow = { currency: string } & Record<Exclude<keyof ProducerBalance, 'currency'>, string | null>;

const INSERT = `
  INSERT INTO commission_entries (tenant_id, id, commission_id, number, producer_id, policy_locator, state,
    amount_minor, currency, payout_id, booked_on)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::uuid[], $7::text[],
    $8::bigint[], $9::text[], $10::uuid[], $11::date[])`;

const BALANCES = `
  SELECT currency,
         sum(claim) FILTER (WHERE is_before) AS "openingMinor",
         sum(amount_minor) FILTER (WHERE NOT is_before AND state = 'earned') AS "earnedMinor",
         sum(amount_minor) FILTER (WHERE NOT is_before AND state = 'paid') AS "paidMinor",
         sum(claim) AS "closingMinor",
         sum(CASE state WHEN 'earned' THEN -amount_minor WHEN 'paid' THEN 0 ELSE amount_minor END) AS "reservedMinor"
    FROM (
      SELECT e.currency, e.state, e.amount_minor,
             CASE e.state WHEN 'earned' THEN e.amount_minor WHEN 'paid' THEN -e.amount_minor ELSE 0 END AS claim,
             coalesce(e.booked_on < $3::date, false) AS is_before
        FROM commission_entries e
       WHERE e.tenant_id = $1 AND e.producer_id = $2 AND ($4::date IS NULL OR e.booked_on < $4::date)) e
   GROUP BY currency ORDER BY currency`;

@Injectable()
export class CommissionEntryRepository {
  async insert(tx: Tx, entries: readonly CommissionEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await tx.execute(INSERT, [
      entries.map(({ tenantId }) => tenantId),
      entries.map(({ id }) => id),
      entries.map(({ commissionId }) => commissionId),
      entries.map(({ number }) => number),
      entries.map(({ producerId }) => producerId),
      entries.map(({ policyLocator }) => policyLocator),
      entries.map(({ state }) => state),
      entries.map(({ amountMinor }) => amountMinor),
      entries.map(({ currency }) => currency),
      entries.map(({ payoutId }) => payoutId),
      entries.map(({ bookedOn }) => bookedOn),
    ]);
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  page(tx: Tx, tenantId: string, page: CommissionEntryPage): Promise<CommissionEntry[]> {
    const { producerId, policyLocator, state, before, limit } = page;
    return tx.manager.find(CommissionEntryEntity, {
      where: {
        tenantId,
        ...(producerId === null ? {} : { producerId }),
        ...(policyLocator === null ? {} : { policyLocator }),
        ...(state === null ? {} : { state }),
        ...(before === null ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
  }

  /** One a currency that the producer has entries in. */
  async balances(
    tx: Tx,
    { tenantId, producerId }: Pick<CommissionEntry, 'tenantId' | 'producerId'>,
    { from, to }: StatementPeriod,
  ): Promise<ProducerBalance[]> {
    const rows = await tx.query<BalanceRow>(BALANCES, [tenantId, producerId, from, to]);
    return rows.map((row) => ({
      currency: row.currency,
      openingMinor: BigInt(row.openingMinor ?? 0),
      earnedMinor: BigInt(row.earnedMinor ?? 0),
      paidMinor: BigInt(row.paidMinor ?? 0),
      closingMinor: BigInt(row.closingMinor ?? 0),
      reservedMinor: BigInt(row.reservedMinor ?? 0),
    }));
  }
}
