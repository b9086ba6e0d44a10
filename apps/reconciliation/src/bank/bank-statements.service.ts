import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { formatAmount } from '@quittance/money/money';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { tieOut } from '../domain/bank-statement.ts';
import type { BankStatement, TieOut } from '../domain/bank-statement.ts';
import { isReleasable } from '../domain/deposit.ts';
import { DomainError } from '../domain/errors.ts';
import { keyTextOf, place } from '../domain/line-placement.ts';
import { continues, isEdition, neighbours } from '../domain/statement-chain.ts';
import type { StoredLink } from '../domain/statement-chain.ts';
import type { FileAnswer, IncomingFile } from '../files/format-reader.ts';
import { BankAccountRepository } from './bank-account.repository.ts';
import type { BankAccount } from './bank-account.repository.ts';
import { BankLineRepository } from './bank-line.repository.ts';
import { BankStatementRepository } from './bank-statement.repository.ts';
import type { StatementFilter } from './bank-statement.repository.ts';
import type { StoredStatement } from './stored-statement.ts';
import { newLines } from './new-lines.ts';
import { isTaken, StatementFindings } from './statement-findings.service.ts';
import { ReleasesService } from './releases.service.ts';

type Stored = { readonly answer: object; readonly lines: number; readonly exceptions: FileAnswer['exceptions'] };
export type Summary = Omit<StoredStatement, 'acceptedReason' | 'receivedAt' | 'tenantId'>;

/**
 * Stores what banks say, once: a statement that is known changes nothing, and of one that overlaps another only its
 * new lines are stored. Lines of a statement that adds up, or that cannot be proven, are released to be matched at
 * once; one that contradicts itself is held with its lines until a person accepts it or a better one comes.
 */
@Injectable()
export class BankStatementsService {
  constructor(
    private readonly accounts: BankAccountRepository,
    private readonly statements: BankStatementRepository,
    private readonly lines: BankLineRepository,
    private readonly findings: StatementFindings,
    private readonly releases: ReleasesService,
    private readonly clock: Clock,
  ) {}

  async store(tx: Tx, file: IncomingFile, format: string, statements: readonly BankStatement[]): Promise<FileAnswer> {
    const stored: Stored[] = [];
    // One after the other: a later statement of an account continues the one before it.
    for (const statement of statements) stored.push(await this.storeOne(tx, file, format, statement));
    const answer = {
      statements: stored.map((each) => each.answer),
      lines: stored.reduce((sum, each) => sum + each.lines, 0),
      exceptions: stored.flatMap((each) => each.exceptions),
    };
    const exceptions = answer.exceptions.length;
    await this.releases.sayProcessed(tx, file, { format, statements: stored.length, lines: answer.lines, exceptions });
    return answer;
  }

  find(tx: Tx, tenantId: string, id: string): Promise<StoredStatement | null> {
    return this.statements.find(tx, tenantId, id);
  }

  page(tx: Tx, tenantId: string, filter: StatementFilter): Promise<StoredStatement[]> {
    return this.statements.page(tx, tenantId, filter);
  }

  linesOf(tx: Tx, page: { tenantId: string; statementId: string; after: number; limit: number }) {
    return this.lines.page(tx, page);
  }

  /**
   * A person takes a held statement as it is.
   * @throws DomainError `statement_not_held`
   */
  async accept(
    tx: Tx,
    statement: StoredStatement,
    by: { readonly client: string; readonly reason: string },
  ): Promise<StoredStatement> {
    const { tenantId, id } = statement;
    if (!(await this.statements.accept(tx, tenantId, id, by)))
      throw new DomainError('statement_not_held', 'Only a statement that does not add up has to be accepted.');
    const now = this.clock.now();
    await this.findings.accepted(tx, statement, now);
    await this.releases.announce(tx, await this.lines.releaseStatement(tx, tenantId, id, now), now);
    return { ...statement, state: 'accepted', acceptedReason: by.reason };
  }

  private async storeOne(tx: Tx, file: IncomingFile, format: string, statement: BankStatement): Promise<Stored> {
    const now = this.clock.now();
    const account = await this.accounts.lock(tx, file.tenantId, statement, now);
    const keys = statement.lines.map((line) => sha256(keyTextOf(line)));
    const content = contentOf(statement, keys);
    const twin = await this.statements.findByContent(tx, account, content);
    if (twin) return { answer: answerOf(twin, { newLines: 0, duplicate: true }), lines: 0, exceptions: [] };
    const id = newId();
    const chain = await this.statements.around(tx, account, statement.to);
    const tie = judged(statement, chain);
    const own: StoredLink = { ...statement, id, state: tie.state };
    const row = { id: own.id, fileId: file.id, format, content, ...tie, receivedAt: now };
    await this.statements.insert(tx, account, statement, row);
    const added = await this.placeLines(tx, { file, account, statement, keys, own, tie, chain, now });
    const exceptions = await this.findings.of(tx, { account, statement, tie, own, chain }, now);
    const summary = summaryOf(account, statement, row);
    return { answer: answerOf(summary, { newLines: added, duplicate: false }), lines: added, exceptions };
  }

  /** @returns how many lines are new */
  private async placeLines(tx: Tx, context: PlacingContext): Promise<number> {
    const { file, account, statement, keys, own, tie, chain, now } = context;
    const bankReferences = statement.lines.flatMap(({ references }) => references.bank ?? []);
    const known = await this.lines.known(tx, account, { keys, bankReferences, fileId: file.id });
    // Of another edition lines may be stored already, so this one is compared with everything.
    const isFirst = statement.kind === 'statement' && !chain.some((link) => isEdition(link, own));
    const follows = isFirst && continues(neighbours(chain, own).previous, statement);
    const hexKeys = keys.map((key) => key.toString('hex'));
    const placements = place(statement, hexKeys, known, follows);
    const isHeld = tie.state === 'unbalanced';
    const lines = newLines(statement, placements, { account, statementId: own.id, keys, isHeld });
    await this.lines.insert(tx, account, lines, now);
    const restated = placements.flatMap((each) =>
      'sameAs' in each ? [{ id: each.sameAs, position: each.index, line: statement.lines[each.index]! }] : [],
    );
    if (!isHeld && statement.kind === 'statement') await this.lines.adopt(tx, account, own.id, restated);
    const due = isHeld ? [] : restated.filter(({ line }) => isReleasable(line, statement.kind)).map(({ id }) => id);
    const freed = await this.lines.release(tx, account.tenantId, due, now);
    await this.releases.announce(tx, [...lines.filter(({ isReleased }) => isReleased), ...freed], now);
    return lines.length;
  }
}

interface PlacingContext {
  readonly file: IncomingFile;
  readonly account: BankAccount;
  readonly statement: BankStatement;
  readonly keys: readonly Buffer[];
  readonly own: StoredLink;
  readonly tie: TieOut;
  readonly chain: readonly StoredLink[];
  readonly now: Date;
}

/** Also what adds up is held where another edition of it was taken: the two would be money twice. */
function judged(statement: BankStatement, chain: readonly StoredLink[]): TieOut {
  const tie = tieOut(statement);
  const isSecond = statement.kind === 'statement' && chain.some((link) => isTaken(link) && isEdition(link, statement));
  if (!isSecond) return tie;
  return { ...tie, state: 'unbalanced', faults: [...tie.faults, 'it was read before, with other content'] };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** What a statement says, without what differs between two files of it: names and times of the message. */
function contentOf({ kind, sequence, from, to, opening, closing }: BankStatement, keys: readonly Buffer[]): Buffer {
  const hash = createHash('sha256').update(JSON.stringify([kind, sequence, from, to, `${opening}`, `${closing}`]));
  for (const key of keys) hash.update(key);
  return hash.digest();
}

function summaryOf(
  account: BankAccount,
  statement: BankStatement,
  row: Pick<StoredStatement, 'id' | 'fileId' | 'format' | 'movement' | 'state' | 'faults'>,
): Summary {
  const { number, bank } = statement.account;
  return { ...statement, ...row, account: { id: account.id, number, bank }, lines: statement.lines.length };
}

/** As it is answered to who sent the file, and kept with it. */
function answerOf(summary: Summary, { newLines: added, duplicate }: { newLines: number; duplicate: boolean }): object {
  const { id, account, kind, sequence, from, to, currency, opening, closing, lines, state, faults, warnings } = summary;
  const decimal = (minor: bigint | null) => (minor === null ? null : formatAmount({ minor, currency }));
  return {
    ...{ id, accountId: account.id, kind, sequence, from, to, currency },
    ...{ opening: decimal(opening), closing: decimal(closing), state, lines, newLines: added, duplicate },
    ...{ faults, warnings },
  };
}
