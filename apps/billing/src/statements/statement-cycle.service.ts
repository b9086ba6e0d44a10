import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { addMonths, noonUtc } from '../domain/calendar.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { monthBefore } from '../domain/statement.ts';
import { localDate } from '../domain/zone.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import { StatementAccountRepository } from './statement-account.repository.ts';
import type { StatementAccount } from './statement-account.repository.ts';
import { StatementIssueService } from './statement-issue.service.ts';
import { StatementRunRepository } from './statement-run.repository.ts';

const BATCH = 100;

/**
 * The monthly statements of tenants that want them, some policyholders at a time, each once: how far a run has come is
 * written in the transaction that makes the statements, so after a crash it goes on from there.
 */
@Injectable()
export class StatementCycleService {
  constructor(
    private readonly runs: StatementRunRepository,
    private readonly accounts: StatementAccountRepository,
    private readonly issuing: StatementIssueService,
  ) {}

  /** @returns how many policyholders were looked at */
  async run(tx: Tx, { now, tenantId }: SweepScope): Promise<number> {
    const periodEnd = lastMonthEnd(now);
    const claimed = await this.runs.claim(tx, periodEnd, tenantId);
    if (!claimed) return 0;
    // One that was begun is finished first: nobody's month is left out.
    const run = claimed.isDone ? { ...claimed, periodEnd, statedUpTo: '', isDone: false } : claimed;
    const next = await this.runs.next(tx, run, BATCH);
    const keys = next.flatMap(({ currency, ...key }) => (currency === null ? [] : [{ ...key, currency }]));
    const accounts = await this.accounts.lock(tx, keys);
    const drafts = accounts.filter((each) => isDue(each, run.periodEnd)).map((each) => draftOf(each, run.periodEnd));
    await this.issuing.issueWhereNeeded(tx, run.tenantId, drafts, now);
    const holders = new Set(next.map(({ policyholderLocator }) => policyholderLocator)).size;
    const statedUpTo = next.at(-1)?.policyholderLocator ?? run.statedUpTo;
    await this.runs.save(tx, { ...run, statedUpTo, isDone: holders < BATCH });
    return Math.max(holders, 1);
  }
}

/** The last first of a month that has come everywhere: at noon UTC no zone has the date before. */
function lastMonthEnd(now: Date): CalendarDate {
  const { end } = monthBefore(localDate(now, 'UTC'));
  return noonUtc(end) <= now ? end : addMonths(end, -1);
}

function isDue({ statedThrough }: StatementAccount, periodEnd: CalendarDate): boolean {
  return statedThrough === null || statedThrough < periodEnd;
}

function draftOf(account: StatementAccount, end: CalendarDate) {
  const start = account.statedThrough ?? addMonths(end, -1);
  const isFirst = account.statedThrough === null;
  return { account, start, end, openingMinor: account.closingMinor, supersedesId: null, isFirst };
}
