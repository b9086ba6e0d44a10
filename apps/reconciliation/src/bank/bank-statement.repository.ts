import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { BankStatement, StatementState } from '../domain/bank-statement.ts';
import type { StoredLink } from '../domain/statement-chain.ts';
import type { BankAccount } from './bank-account.repository.ts';
import type { StoredStatement } from './stored-statement.ts';

export interface NewStatement {
  readonly id: string;
  readonly fileId: string;
  readonly format: string;
  readonly content: Buffer;
  readonly movement: bigint;
  readonly state: StatementState;
  readonly faults: readonly string[];
  readonly receivedAt: Date;
}

export interface StatementFilter {
  readonly accountId: string | null;
  readonly state: StatementState | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly before: string | null;
  readonly limit: number;
}

const COLUMNS = `s.tenant_id, s.id, s.file_id, s.account_id, a.number, a.bank, s.format, s.kind, s.sequence,
  s.reference, s.from_on, s.to_on, s.currency, s.opening_minor, s.closing_minor, s.movement_minor, s.lines, s.state,
  s.faults, s.warnings, s.accepted_reason, s.received_at`;
const FROM = 'FROM bank_statements s JOIN bank_accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id';
const INSERT = `
  INSERT INTO bank_statements (tenant_id, id, file_id, account_id, format, kind, sequence, reference, from_on, to_on,
    currency, opening_minor, closing_minor, movement_minor, lines, state, faults, warnings, content, received_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`;
const BY_CONTENT = `
  SELECT ${COLUMNS} ${FROM} WHERE s.tenant_id = $1 AND s.account_id = $2 AND s.content = $3`;
const FIND = `SELECT ${COLUMNS} ${FROM} WHERE s.tenant_id = $1 AND s.id = $2`;
const PAGE = `
  SELECT ${COLUMNS} ${FROM}
   WHERE s.tenant_id = $1 AND ($2::uuid IS NULL OR s.id < $2) AND ($3::uuid IS NULL OR s.account_id = $3)
     AND ($4::text IS NULL OR s.state = $4) AND ($5::date IS NULL OR s.to_on >= $5)
     AND ($6::date IS NULL OR s.to_on <= $6)
   ORDER BY s.id DESC LIMIT $7`;
const LINK = 'id, sequence, from_on, to_on, opening_minor, closing_minor, state';
/** Those that may be next to a day: a few of it and before it, and two after it. */
const AROUND = `
  (SELECT ${LINK} FROM bank_statements
    WHERE tenant_id = $1 AND account_id = $2 AND to_on <= $3 AND kind = 'statement'
    ORDER BY to_on DESC, id DESC LIMIT 40)
  UNION ALL
  (SELECT ${LINK} FROM bank_statements
    WHERE tenant_id = $1 AND account_id = $2 AND to_on > $3 AND kind = 'statement'
    ORDER BY to_on, id LIMIT 4)`;
const ACCEPT = `
  UPDATE bank_statements SET state = 'accepted', accepted_by = $3, accepted_reason = $4
   WHERE tenant_id = $1 AND id = $2 AND state = 'unbalanced'`;

@Injectable()
export class BankStatementRepository {
  async insert(tx: Tx, account: BankAccount, statement: BankStatement, stored: NewStatement): Promise<void> {
    const { kind, sequence, reference, from, to, currency, opening, closing, lines, warnings } = statement;
    const { id, fileId, format, content, movement, state, faults, receivedAt } = stored;
    await tx.execute(INSERT, [
      ...[account.tenantId, id, fileId, account.id, format, kind, sequence, reference, from, to, currency],
      ...[opening?.toString() ?? null, closing?.toString() ?? null, movement.toString()],
      ...[lines.length, state, faults, warnings, content, receivedAt],
    ]);
  }

  async findByContent(tx: Tx, { tenantId, id }: BankAccount, content: Buffer): Promise<StoredStatement | null> {
    const [row] = await tx.query<StatementRow>(BY_CONTENT, [tenantId, id, content]);
    return row ? statementOf(row) : null;
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<StoredStatement | null> {
    const [row] = await tx.query<StatementRow>(FIND, [tenantId, id]);
    return row ? statementOf(row) : null;
  }

  /** Newest first, one more than the page holds. */
  async page(tx: Tx, tenantId: string, filter: StatementFilter): Promise<StoredStatement[]> {
    const { before, accountId, state, from, to, limit } = filter;
    const rows = await tx.query<StatementRow>(PAGE, [tenantId, before, accountId, state, from, to, limit + 1]);
    return rows.map(statementOf);
  }

  async around(tx: Tx, { tenantId, id }: BankAccount, day: string): Promise<StoredLink[]> {
    const rows = await tx.query<LinkRow>(AROUND, [tenantId, id, day]);
    return rows.map((row) => ({
      ...{ id: row.id, sequence: row.sequence, from: row.from_on, to: row.to_on, state: row.state },
      ...{ opening: minor(row.opening_minor), closing: minor(row.closing_minor) },
    }));
  }

  /** @returns whether it was held */
  async accept(tx: Tx, tenantId: string, id: string, by: { client: string; reason: string }): Promise<boolean> {
    return (await tx.execute(ACCEPT, [tenantId, id, by.client, by.reason])) === 1;
  }
}

interface LinkRow {
  id: string;
  sequence: string | null;
  from_on: string | null;
  to_on: string;
  opening_minor: string | null;
  closing_minor: string | null;
  state: StatementState;
}

interface StatementRow extends LinkRow {
  tenant_id: string;
  file_id: string;
  account_id: string;
  number: string;
  bank: string | null;
  format: string;
  kind: BankStatement['kind'];
  reference: string | null;
  currency: string;
  movement_minor: string;
  lines: number;
  faults: string[];
  warnings: string[];
  accepted_reason: string | null;
  received_at: Date;
}

const minor = (text: string | null) => (text === null ? null : BigInt(text));

function statementOf(row: StatementRow): StoredStatement {
  const { id, format, kind, sequence, reference, currency, lines, state, faults, warnings } = row;
  return {
    ...{ id, tenantId: row.tenant_id, fileId: row.file_id, format, kind, sequence, reference, currency, lines, state },
    account: { id: row.account_id, number: row.number, bank: row.bank },
    ...{ from: row.from_on, to: row.to_on, movement: BigInt(row.movement_minor), faults, warnings },
    ...{ opening: minor(row.opening_minor), closing: minor(row.closing_minor) },
    ...{ acceptedReason: row.accepted_reason, receivedAt: row.received_at },
  };
}
