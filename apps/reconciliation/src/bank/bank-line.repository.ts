import { Injectable } from '@nestjs/common';
import { byteaArray } from '@quittance/service-kit/database/bytea-array';
import type { Tx } from '@quittance/service-kit/database/tx';
import { isDeposit } from '../domain/deposit.ts';
import type { AccountLine } from '../domain/deposit.ts';
import type { KnownLine } from '../domain/line-placement.ts';
import type { BankAccount } from './bank-account.repository.ts';
import { COLUMNS, lineOf } from './line-row.ts';
import type { LineRow } from './line-row.ts';

export interface NewLine extends AccountLine {
  readonly position: number;
  readonly key: Buffer;
  readonly occurrence: number;
  readonly isReleased: boolean;
}

/** So many rows a statement: arrays beyond that cost memory on both sides and save nothing. */
const BATCH = 5_000;

const KNOWN = `
  SELECT l.id, encode(l.key, 'hex') AS key, l.occurrence, s.kind, l.bank_reference, l.amount_minor, l.is_pending,
         s.file_id = $5 AS is_of_this_file
    FROM (
      SELECT b.id FROM (SELECT DISTINCT unnest($3::bytea[]) AS key) k
        JOIN bank_lines b ON b.tenant_id = $1 AND b.account_id = $2 AND b.key = k.key AND b.parent_id IS NULL
      UNION
      SELECT b.id FROM (SELECT DISTINCT unnest($4::text[]) AS reference) r
        JOIN bank_lines b
          ON b.tenant_id = $1 AND b.account_id = $2 AND b.bank_reference = r.reference AND b.parent_id IS NULL
    ) f
    JOIN bank_lines l ON l.tenant_id = $1 AND l.id = f.id
    JOIN bank_statements s ON s.tenant_id = l.tenant_id AND s.id = l.statement_id`;
const INSERT = `
  INSERT INTO bank_lines (tenant_id, account_id, statement_id, id, position, parent_id, amount_minor, currency,
    booked_on, value_on, end_to_end, creditor_reference, bank_reference, customer_reference, check_number,
    batch_reference, trn02, trn03, type_code, text, is_reversal, is_pending, key, occurrence,
    released_at, is_deposit, version)
  SELECT $1, $2, $3, u.id, u.position, u.parent_id, u.amount, u.currency, u.booked_on, u.value_on, u.end_to_end,
         u.creditor, u.bank, u.customer, u.check_number, u.batch, u.trn02, u.trn03, u.type_code, u.text, u.reversal,
         u.pending, u.key, u.occurrence, CASE WHEN u.released THEN $4::timestamptz END, u.released AND u.deposit,
         u.released::int
    FROM unnest($5::uuid[], $6::int[], $7::uuid[], $8::bigint[], $9::text[], $10::date[], $11::date[], $12::text[],
                $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],
                $21::text[], $22::bool[], $23::bool[], $24::bytea[], $25::int[], $26::bool[], $27::bool[])
         u (id, position, parent_id, amount, currency, booked_on, value_on, end_to_end, creditor, bank, customer,
            check_number, batch, trn02, trn03, type_code, text, reversal, pending, key, occurrence, released, deposit)`;
/** A statement takes over what was only announced, or held with another that does not add up. */
const ADOPT = `
  WITH taken AS (
    UPDATE bank_lines l SET statement_id = $2, position = u.position
      FROM unnest($3::uuid[], $4::int[]) u (id, position), bank_statements s
     WHERE l.tenant_id = $1 AND l.id = u.id AND s.tenant_id = l.tenant_id AND s.id = l.statement_id
       AND (s.kind <> 'statement' OR s.state = 'unbalanced')
    RETURNING l.id
  )
  UPDATE bank_lines p SET statement_id = $2
    FROM taken t WHERE p.tenant_id = $1 AND p.parent_id = t.id`;
const RELEASED = `
  SET released_at = $3, version = version + 1, is_deposit = amount_minor > 0 AND parent_id IS NULL
  WHERE l.tenant_id = $1 AND released_at IS NULL AND NOT is_pending AND amount_minor <> 0`;
const RELEASE = `
  UPDATE bank_lines l ${RELEASED} AND l.id IN (
    SELECT unnest($2::uuid[])
    UNION ALL
    SELECT p.id FROM unnest($2::uuid[]) u (id) JOIN bank_lines p ON p.tenant_id = $1 AND p.parent_id = u.id
  ) RETURNING ${COLUMNS}`;
const RELEASE_STATEMENT = `UPDATE bank_lines l ${RELEASED} AND l.statement_id = $2 RETURNING ${COLUMNS}`;
const OF_STATEMENT = `
  SELECT ${COLUMNS}, l.position FROM bank_lines l
   WHERE l.tenant_id = $1 AND l.statement_id = $2 AND l.position > $3 ORDER BY l.position LIMIT $4`;

@Injectable()
export class BankLineRepository {
  /** Stored lines of the account that have one of these keys or references of the bank. */
  async known(
    tx: Tx,
    { tenantId, id }: BankAccount,
    wanted: { keys: readonly Buffer[]; bankReferences: readonly string[]; fileId: string },
  ): Promise<KnownLine[]> {
    const { keys, bankReferences, fileId } = wanted;
    const rows = await tx.query<KnownRow>(KNOWN, [tenantId, id, byteaArray(keys), bankReferences, fileId]);
    return rows.map((row) => ({
      ...{ id: row.id, key: row.key, occurrence: row.occurrence, kind: row.kind },
      ...{ bankReference: row.bank_reference, amount: BigInt(row.amount_minor), isOfThisFile: row.is_of_this_file },
      pending: row.is_pending,
    }));
  }

  /** Lines of one statement. */
  async insert(tx: Tx, account: BankAccount, lines: readonly NewLine[], now: Date): Promise<void> {
    for (let start = 0; start < lines.length; start += BATCH) {
      const batch = lines.slice(start, start + BATCH);
      await tx.execute(INSERT, [account.tenantId, account.id, batch[0]!.statementId, now, ...columnsOf(batch)]);
    }
  }

  async adopt(tx: Tx, account: BankAccount, statementId: string, lines: readonly { id: string; position: number }[]) {
    if (lines.length === 0) return;
    const columns = [lines.map(({ id }) => id), lines.map(({ position }) => position)];
    await tx.execute(ADOPT, [account.tenantId, statementId, ...columns]);
  }

  /** Releases lines with their parts; @returns those that were not released before */
  async release(tx: Tx, tenantId: string, ids: readonly string[], now: Date): Promise<AccountLine[]> {
    if (ids.length === 0) return [];
    return (await tx.query<LineRow>(RELEASE, [tenantId, ids, now])).map(lineOf);
  }

  async releaseStatement(tx: Tx, tenantId: string, statementId: string, now: Date): Promise<AccountLine[]> {
    return (await tx.query<LineRow>(RELEASE_STATEMENT, [tenantId, statementId, now])).map(lineOf);
  }

  /** In the order of the statement, one more than the page holds. */
  async page(
    tx: Tx,
    { tenantId, statementId, after, limit }: { tenantId: string; statementId: string; after: number; limit: number },
  ): Promise<(AccountLine & { position: number })[]> {
    const rows = await tx.query<LineRow & { position: number }>(OF_STATEMENT, [
      tenantId,
      statementId,
      after,
      limit + 1,
    ]);
    return rows.map((row) => ({ ...lineOf(row), position: row.position }));
  }
}

interface KnownRow {
  id: string;
  key: string;
  occurrence: number;
  kind: KnownLine['kind'];
  bank_reference: string | null;
  amount_minor: string;
  is_pending: boolean;
  is_of_this_file: boolean;
}

function columnsOf(lines: readonly NewLine[]): unknown[] {
  const reference = (kind: keyof NewLine['references']) => lines.map(({ references }) => references[kind]);
  return [
    lines.map(({ id }) => id),
    lines.map(({ position }) => position),
    lines.map(({ parentId }) => parentId),
    lines.map(({ amount }) => amount.toString()),
    lines.map(({ currency }) => currency),
    lines.map(({ bookedOn }) => bookedOn),
    lines.map(({ valueOn }) => valueOn),
    ...[reference('endToEnd'), reference('creditor'), reference('bank')],
    ...[reference('customer'), reference('check'), reference('batch')],
    lines.map(({ trn02 }) => trn02),
    lines.map(({ trn03 }) => trn03),
    lines.map(({ typeCode }) => typeCode),
    lines.map(({ text }) => text),
    lines.map(({ reversal }) => reversal),
    lines.map(({ pending }) => pending),
    byteaArray(lines.map(({ key }) => key)),
    lines.map(({ occurrence }) => occurrence),
    lines.map(({ isReleased }) => isReleased),
    lines.map((line) => isDeposit(line)),
  ];
}
