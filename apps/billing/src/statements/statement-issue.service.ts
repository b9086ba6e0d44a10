import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { CalendarDate } from '../domain/calendar.ts';
import { figuresOf, unstatedLines } from '../domain/statement.ts';
import type { Statement, StatementFact } from '../domain/statement.ts';
import { StatementAccountRepository } from './statement-account.repository.ts';
import type { StatementAccount } from './statement-account.repository.ts';
import { accountKey, StatementFactRepository } from './statement-fact.repository.ts';
import { statementIssued } from './statement.events.ts';
import { StatementRepository } from './statement.repository.ts';

const issued = metrics.counter('billing_statements_issued_total', 'Statements issued');

/** A statement that is to be made; its account is locked. */
export interface StatementDraft {
  readonly account: StatementAccount;
  readonly start: CalendarDate;
  readonly end: CalendarDate;
  readonly openingMinor: bigint;
  readonly supersedesId: string | null;
  /** Starts with the first fact of the account, where that is earlier. */
  readonly isFirst?: boolean;
}

/**
 * Makes statements: whatever of an account no statement has told yet and that happened before the end of the period.
 * So each opens with what the one before closed with, and a fact that became known late is on the next one.
 */
@Injectable()
export class StatementIssueService {
  private readonly log = new Logger(StatementIssueService.name);

  constructor(
    private readonly facts: StatementFactRepository,
    private readonly statements: StatementRepository,
    private readonly accounts: StatementAccountRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** All of one tenant. @returns one for each draft, in their order */
  async issue(tx: Tx, tenantId: string, drafts: readonly StatementDraft[], now: Date): Promise<Statement[]> {
    const facts = await this.unstated(tx, drafts);
    return this.write(tx, tenantId, { drafts, facts, now });
  }

  /** As `issue`, but where there is nothing to say the account only goes on: nothing is owed, and nothing happened. */
  async issueWhereNeeded(tx: Tx, tenantId: string, drafts: readonly StatementDraft[], now: Date): Promise<number> {
    const facts = await this.unstated(tx, drafts);
    const isNeeded = ({ account, openingMinor }: StatementDraft) =>
      openingMinor !== 0n || (facts.get(accountKey(account)) ?? []).length > 0;
    const needed = drafts.filter(isNeeded);
    await this.accounts.save(
      tx,
      drafts.filter((draft) => !isNeeded(draft)).map(({ account, end }) => ({ ...account, statedThrough: end })),
    );
    return (await this.write(tx, tenantId, { drafts: needed, facts, now })).length;
  }

  private unstated(tx: Tx, drafts: readonly StatementDraft[]): Promise<Map<string, StatementFact[]>> {
    return this.facts.unstated(
      tx,
      drafts.map(({ account, end }) => ({ ...account, before: end })),
    );
  }

  private async write(tx: Tx, tenantId: string, { drafts, facts, now }: Work): Promise<Statement[]> {
    if (drafts.length === 0) return [];
    const [dueOf, number] = [
      await this.statements.dueOf(
        tx,
        tenantId,
        drafts.map(({ account, end }) => ({ ...account, before: end })),
      ),
      await this.statements.takeNumbers(tx, tenantId, drafts.length),
    ];
    const made = drafts.map((draft, index) => {
      const about = { number: number + BigInt(index), dueOn: dueOf(draft.account), createdAt: this.clock.now() };
      return statementOf(draft, facts.get(accountKey(draft.account)) ?? [], about);
    });
    await this.statements.insert(tx, made);
    await Promise.all([
      this.accounts.save(tx, made.map(accountAfter)),
      this.outbox.append(
        tx,
        made.map((statement) => statementIssued(statement, now)),
      ),
    ]);
    tx.afterCommit(() => made.forEach((each) => this.tell(each)));
    return made;
  }

  private tell({ tenantId, id: statementId, policyholderLocator, currency, closingMinor, lines }: Statement): void {
    issued.inc();
    const ids = { tenantId, statementId, policyholderLocator };
    this.log.log({ ...ids, currency, closingMinor: Number(closingMinor), lines: lines.length }, 'statement issued');
  }
}

interface Work {
  readonly drafts: readonly StatementDraft[];
  readonly facts: ReadonlyMap<string, StatementFact[]>;
  readonly now: Date;
}

function statementOf(
  { account, start, end, openingMinor, supersedesId, isFirst = false }: StatementDraft,
  facts: readonly StatementFact[],
  about: Pick<Statement, 'number' | 'dueOn' | 'createdAt'>,
): Statement {
  const { tenantId, policyholderLocator, currency } = account;
  const lines = unstatedLines(facts);
  const firstOn = lines[0]?.on ?? start;
  return {
    ...{ tenantId, id: newId(), policyholderLocator, currency, ...about },
    state: 'issued',
    period: { start: isFirst && firstOn < start ? firstOn : start, end },
    lines,
    ...figuresOf(openingMinor, lines),
    supersedesId,
    version: 1,
  };
}

function accountAfter({ tenantId, policyholderLocator, currency, period, closingMinor, id }: Statement) {
  return { tenantId, policyholderLocator, currency, statedThrough: period.end, closingMinor, statementId: id };
}
