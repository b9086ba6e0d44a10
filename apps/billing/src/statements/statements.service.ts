import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate, Period } from '../domain/calendar.ts';
import { DomainError } from '../domain/errors.ts';
import type { TenantKey } from '../domain/identity.ts';
import { checkPeriod } from '../domain/statement.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { StatementAccountRepository } from './statement-account.repository.ts';
import type { StatementAccount } from './statement-account.repository.ts';
import { StatementIssueService } from './statement-issue.service.ts';
import { StatementRepository } from './statement.repository.ts';
import type { NewStatement, StatementHead, StatementPage, StatementView } from './statement.view.ts';

/** Statements that somebody asks for, and those that there are. */
@Injectable()
export class StatementsService {
  constructor(
    private readonly issuing: StatementIssueService,
    private readonly statements: StatementRepository,
    private readonly accounts: StatementAccountRepository,
    private readonly time: TenantTime,
  ) {}

  /**
   * The statement of the period that follows the last one; of the last one again it takes that one's place.
   * @throws DomainError `statement_refused`
   */
  async create(tx: Tx, tenantId: string, wanted: NewStatement): Promise<StatementView> {
    const { policyholderLocator, period } = wanted;
    const currency = await this.currencyOf(tx, tenantId, wanted);
    const nowOf = await this.time.of(tx, [tenantId]);
    const now = nowOf(tenantId);
    const today = await this.todayOf(tx, { tenantId, policyholderLocator, now });
    const [account] = await this.accounts.lock(tx, [{ tenantId, policyholderLocator, currency }]);
    if (!account) throw new Error('a statement account is missing');
    const last = account.statementId === null ? null : await this.statements.find(tx, lastOf(account));
    const isAgain = checkPeriod(period, statedBy(account, last), today) === 'again';
    const replaced = isAgain ? last : null;
    if (replaced) await this.statements.supersede(tx, replaced);
    const openingMinor = replaced ? replaced.openingMinor : account.closingMinor;
    const draft = { account, ...period, openingMinor, supersedesId: replaced?.id ?? null };
    const [made] = await this.issuing.issue(tx, tenantId, [draft], now);
    const view = made && (await this.find(tx, made));
    if (!view) throw new Error('a statement is missing');
    return view;
  }

  async find(tx: Tx, key: TenantKey): Promise<StatementView | null> {
    const statement = await this.statements.find(tx, key);
    if (!statement) return null;
    const [view] = await this.views(tx, key.tenantId, [statement]);
    return view ?? null;
  }

  async page(tx: Tx, tenantId: string, page: StatementPage): Promise<StatementView[]> {
    return this.views(tx, tenantId, await this.statements.page(tx, tenantId, page));
  }

  private async views(tx: Tx, tenantId: string, statements: readonly StatementHead[]): Promise<StatementView[]> {
    const ids = statements.map(({ id }) => id);
    const [lines, open] = await Promise.all([
      this.statements.lines(tx, tenantId, ids),
      this.statements.open(tx, tenantId, ids),
    ]);
    return statements.map((statement) => {
      const { id } = statement;
      return { statement, lines: lines.get(id) ?? [], invoices: open.get(id) ?? [] };
    });
  }

  private async currencyOf(tx: Tx, tenantId: string, { policyholderLocator, currency }: NewStatement): Promise<string> {
    const known = await this.accounts.currenciesOf(tx, tenantId, policyholderLocator);
    const [only, another] = known;
    if (only === undefined) throw refused('/policyholderLocator', 'has no policy');
    if (currency === null && another !== undefined) throw refused('/currency', `is one of ${known.join(', ')}`);
    if (currency !== null && !known.includes(currency)) throw refused('/currency', `is one of ${known.join(', ')}`);
    return currency ?? only;
  }

  /** A day is over when it is so wherever the policyholder is insured. */
  private async todayOf(
    tx: Tx,
    { tenantId, policyholderLocator, now }: { tenantId: string; policyholderLocator: string; now: Date },
  ): Promise<CalendarDate> {
    const zones = await this.accounts.zonesOf(tx, tenantId, policyholderLocator);
    return zones.map((zone) => localDate(now, zone)).sort()[0] ?? localDate(now, 'UTC');
  }
}

function lastOf({ tenantId, statementId }: StatementAccount): TenantKey {
  return { tenantId, id: statementId ?? '' };
}

/** The period that the next one follows. After months of nothing it is none that could be told again. */
function statedBy({ statedThrough }: StatementAccount, last: StatementHead | null): Period | null {
  if (statedThrough === null) return null;
  return last?.period.end === statedThrough ? last.period : { start: statedThrough, end: statedThrough };
}

function refused(pointer: string, detail: string): DomainError {
  return new DomainError('statement_refused', 'There is no such account.', { errors: [{ pointer, detail }] });
}
