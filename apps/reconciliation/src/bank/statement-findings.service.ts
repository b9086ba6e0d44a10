import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { BankStatement, TieOut } from '../domain/bank-statement.ts';
import type { ExceptionType, Finding } from '../domain/exception.ts';
import { gapBetween, isEdition, neighbours } from '../domain/statement-chain.ts';
import type { StoredLink } from '../domain/statement-chain.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import type { ExceptionRow } from '../exceptions/exception.repository.ts';
import type { BankAccount } from './bank-account.repository.ts';
import type { StoredStatement } from './stored-statement.ts';

export interface Found {
  readonly account: BankAccount;
  readonly statement: BankStatement;
  readonly tie: TieOut;
  /** The statement, and those around it, in its account. */
  readonly own: StoredLink;
  readonly chain: readonly StoredLink[];
}

/** Opens and closes the work that a statement leaves to people. */
@Injectable()
export class StatementFindings {
  constructor(private readonly exceptions: ExceptionRepository) {}

  /** @returns what was opened */
  async of(tx: Tx, found: Found, now: Date): Promise<ExceptionRow[]> {
    const { tenantId } = found.account;
    const gaps = found.statement.kind === 'statement' ? gapsOf(found) : [];
    const mended = gaps.filter(({ detail }) => detail === null).map(({ id }) => about(tenantId, id));
    const editions = found.chain.filter((link) => isEdition(link, found.own));
    const better = found.tie.state === 'balanced' ? editions.filter(({ state }) => state === 'unbalanced') : [];
    await Promise.all([
      this.exceptions.close(tx, mended, ['statement_gap'], now),
      this.exceptions.close(
        tx,
        better.map(({ id }) => about(tenantId, id)),
        ['statement_unbalanced'],
        now,
      ),
    ]);
    return this.exceptions.open(tx, [...ownFindings(found, editions), ...gapFindings(tenantId, gaps)], now);
  }

  async accepted(tx: Tx, { tenantId, id }: StoredStatement, now: Date): Promise<void> {
    await this.exceptions.close(tx, [about(tenantId, id)], ['statement_unbalanced', 'statement_duplicate'], now);
  }
}

/** An edition of which the lines were released: another one must not release them again in other words. */
export const isTaken = ({ state }: StoredLink) => state !== 'unbalanced';

const about = (tenantId: string, id: string) => ({ tenantId, subject: { type: 'bank_statement', id } });
const finding = (tenantId: string, id: string, type: ExceptionType, detail: string): Finding => ({
  ...about(tenantId, id),
  type,
  detail,
});

function ownFindings({ account, tie, own }: Found, editions: readonly StoredLink[]): Finding[] {
  const { tenantId } = account;
  if (tie.state !== 'unbalanced') return [];
  const type = editions.some(isTaken) ? 'statement_duplicate' : 'statement_unbalanced';
  return [finding(tenantId, own.id, type, tie.faults.join('; ').slice(0, 500))];
}

interface Gap {
  readonly id: string;
  /** Null where there is none (any more). */
  readonly detail: string | null;
}

/** Between a statement and the one before it, and between it and the one after, which may have waited for it. */
function gapsOf({ own, chain }: Found): Gap[] {
  const { previous, next } = neighbours(chain, own);
  return [
    ...(previous ? [{ id: own.id, detail: gapBetween(previous, own) }] : []),
    ...(next ? [{ id: next.id, detail: gapBetween(own, next) }] : []),
  ];
}

function gapFindings(tenantId: string, gaps: readonly Gap[]): Finding[] {
  return gaps.flatMap(({ id, detail }) => (detail === null ? [] : [finding(tenantId, id, 'statement_gap', detail)]));
}
