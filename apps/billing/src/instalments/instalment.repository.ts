import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Not } from 'typeorm';
import type { TenantKey } from '../domain/identity.ts';
import type { Instalment, InstalmentState } from '../domain/instalment.ts';
import { InstalmentEntity } from './instalment.entity.ts';
import type { StoredInstalment, StoredLine } from './instalment.entity.ts';
import type { AmountLine } from './instalment.events.ts';

export type InstalmentChange = Pick<
  Instalment,
  'tenantId' | 'id' | 'dueOn' | 'allocatedMinor' | 'balanceMinor' | 'state' | 'version'
>;

const INSERT = `
  INSERT INTO instalments (tenant_id, schedule_id, policy_locator, currency, id, number, due_on, original_due_on,
    due_at, period_start, period_end, amount_minor, allocated_minor, written_off_minor, balance_minor, state, version,
    source, generate_at, autopay_on, autopay_at)
  SELECT $1, $2, $3, $4, i.id, i.number, i.due_on, i.due_on, i.due_at, i.period_start, i.period_end,
         i.amount, 0, 0, i.amount, 'scheduled', 0, i.source, i.generate_at, i.autopay_on, i.autopay_at
    FROM unnest($5::uuid[], $6::int[], $7::date[], $8::timestamptz[], $9::date[], $10::date[], $11::bigint[],
                $12::text[], $13::timestamptz[], $14::date[], $15::timestamptz[])
      AS i (id, number, due_on, due_at, period_start, period_end, amount, source, generate_at, autopay_on, autopay_at)`;

const INSERT_LINES = `
  INSERT INTO instalment_lines (tenant_id, instalment_id, charge_id, amount_minor)
  SELECT $1, l.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS l`;

const LINES = `
  SELECT l.instalment_id AS "instalmentId", c.category, c.code, l.amount_minor AS amount
    FROM instalments i
    JOIN instalment_lines l ON l.tenant_id = i.tenant_id AND l.instalment_id = i.id
    JOIN charges c ON c.tenant_id = l.tenant_id AND c.id = l.charge_id
   WHERE i.tenant_id = $1 AND i.schedule_id = $2 AND i.state <> 'superseded' ORDER BY i.number, c.id`;

const LINES_OF = `
  SELECT l.instalment_id AS "instalmentId", c.category, c.code, l.amount_minor AS amount
    FROM instalment_lines l JOIN charges c ON c.tenant_id = l.tenant_id AND c.id = l.charge_id
   WHERE l.tenant_id = $1 AND l.instalment_id = ANY($2::uuid[]) ORDER BY c.id`;

// The version that is written tells which one was read: whoever read an older one changes nothing.
const UPDATE = `
  UPDATE instalments i
     SET due_on = n.due_on, allocated_minor = n.allocated, balance_minor = n.balance, state = n.state,
         version = n.version, written_off_minor = i.amount_minor - n.allocated - n.balance
    FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::bigint[], $5::bigint[], $6::text[], $7::int[], $8::int[])
      AS n (tenant_id, id, due_on, allocated, balance, state, version, read_version)
   WHERE i.tenant_id = n.tenant_id AND i.id = n.id AND i.version = n.read_version`;

const SUPERSEDE = `
  UPDATE instalments i SET state = 'superseded', superseded_by = $3
   WHERE i.tenant_id = $1 AND i.id = ANY($2::uuid[]) AND i.state = 'scheduled'`;

const CANCEL_NOTHING = `
  UPDATE instalments i SET state = 'cancelled'
   WHERE i.tenant_id = $1 AND i.id = ANY($2::uuid[]) AND i.state = 'paid' AND i.amount_minor = 0`;

interface LineRow {
  instalmentId: string;
  category: string;
  code: string | null;
  amount: string;
}

function byInstalment(rows: readonly LineRow[]): Map<string, AmountLine[]> {
  const lines = rows.map(({ amount, ...row }) => ({ ...row, amountMinor: BigInt(amount) }));
  return Map.groupBy(lines, ({ instalmentId }) => instalmentId);
}

export interface InstalmentPage {
  /** Null: whatever it is. */
  readonly state: InstalmentState | null;
  readonly after: { readonly number: number; readonly id: string } | null;
  readonly limit: number;
}

interface CutBy {
  readonly tenantId: string;
  readonly id: string | null;
}

@Injectable()
export class InstalmentRepository {
  /** All of one new schedule. */
  async insert(tx: Tx, instalments: readonly StoredInstalment[]): Promise<void> {
    const [first] = instalments;
    if (!first) return;
    await tx.execute(INSERT, [
      first.tenantId,
      first.scheduleId,
      first.policyLocator,
      first.currency,
      instalments.map(({ id }) => id),
      instalments.map(({ number }) => number),
      instalments.map(({ dueOn }) => dueOn),
      instalments.map(({ dueAt }) => dueAt),
      instalments.map(({ periodStart }) => periodStart),
      instalments.map(({ periodEnd }) => periodEnd),
      instalments.map(({ amountMinor }) => amountMinor),
      instalments.map(({ source }) => source),
      instalments.map(({ generateAt }) => generateAt),
      instalments.map(({ autopayOn }) => autopayOn),
      instalments.map(({ autopayAt }) => autopayAt),
    ]);
  }

  async insertLines(tx: Tx, tenantId: string, lines: readonly StoredLine[]): Promise<void> {
    await tx.execute(INSERT_LINES, [
      tenantId,
      lines.map(({ instalmentId }) => instalmentId),
      lines.map(({ chargeId }) => chargeId),
      lines.map(({ amountMinor }) => amountMinor),
    ]);
  }

  /** As it stands now: what was cut out of it is history. */
  ofSchedule(tx: Tx, { tenantId, id: scheduleId }: TenantKey): Promise<StoredInstalment[]> {
    return tx.manager.find(InstalmentEntity, {
      where: { tenantId, scheduleId, state: Not('superseded') },
      order: { number: 'ASC' },
    });
  }

  /** The lines of a schedule's instalments, by instalment. */
  async linesOfSchedule(tx: Tx, { tenantId, id }: TenantKey): Promise<Map<string, AmountLine[]>> {
    return byInstalment(await tx.query<LineRow>(LINES, [tenantId, id]));
  }

  async linesOf(tx: Tx, tenantId: string, ids: readonly string[]): Promise<Map<string, AmountLine[]>> {
    return byInstalment(await tx.query<LineRow>(LINES_OF, [tenantId, ids]));
  }

  /** What was cut out of it is among them. By number, one more than `limit`; of one number the oldest first. */
  page(tx: Tx, { tenantId, id: scheduleId }: TenantKey, page: InstalmentPage): Promise<StoredInstalment[]> {
    const { state, after, limit } = page;
    const query = tx.manager
      .createQueryBuilder(InstalmentEntity, 'i')
      .where('i.tenantId = :tenantId AND i.scheduleId = :scheduleId', { tenantId, scheduleId });
    if (state !== null) query.andWhere('i.state = :state', { state });
    if (after) query.andWhere('(i.number, i.id) > (:number, :id)', after);
    return query
      .orderBy('i.number')
      .addOrderBy('i.id')
      .take(limit + 1)
      .getMany();
  }

  /** Cut out of their schedule, by a transaction or none: they were not billed, and never will be. */
  async supersede(tx: Tx, { tenantId, id: transactionId }: CutBy, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const written = await tx.execute(SUPERSEDE, [tenantId, ids, transactionId]);
    if (written !== ids.length) throw new Error('an instalment was billed under our lock');
  }

  /** Those of nothing, which no invoice tells of. */
  async cancelNothing(tx: Tx, tenantId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await tx.execute(CANCEL_NOTHING, [tenantId, ids]);
  }

  /** @throws Error when one was changed since it was read: the caller held no lock on its policy */
  async update(tx: Tx, changes: readonly InstalmentChange[], readVersions: readonly number[]): Promise<void> {
    if (changes.length === 0) return;
    const written = await tx.execute(UPDATE, [
      changes.map(({ tenantId }) => tenantId),
      changes.map(({ id }) => id),
      changes.map(({ dueOn }) => dueOn),
      changes.map(({ allocatedMinor }) => allocatedMinor),
      changes.map(({ balanceMinor }) => balanceMinor),
      changes.map(({ state }) => state),
      changes.map(({ version }) => version),
      readVersions,
    ]);
    if (written !== changes.length) throw new Error(`${changes.length - written} instalments changed under our lock`);
  }
}
