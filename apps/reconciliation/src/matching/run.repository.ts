import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { bankSets } from '../domain/match-rules.ts';
import type { MatchRule, SetTraits } from '../domain/match-rules.ts';
import type { ReconSet } from '../domain/item.ts';
import * as pass from './passes.ts';
import * as work from './work-tables.ts';

/** One set of one tenant, and how its sides are found. */
export interface Scope {
  readonly tenantId: string;
  readonly set: ReconSet;
  readonly traits: SetTraits;
}
/** Two sides with one reference and two amounts; `missing` is what B has less than A. */
export interface Difference {
  readonly a: string;
  readonly b: string;
  readonly currency: string;
  readonly missing: string;
}
export interface SubsetQuestion {
  readonly b: string;
  readonly amount: string;
  readonly currency: string;
  readonly a: readonly string[];
  readonly amounts: readonly string[];
}

const LOCK = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
const PATIENCE = `SET LOCAL lock_timeout = '3s'`;
const NO_PATIENCE = 'SET LOCAL lock_timeout = DEFAULT';
const LOCK_NOT_AVAILABLE = '55P03';
const OUTCOME = `
  SELECT 'confirmed' AS kind, rule, count(*)::int AS n FROM (SELECT rule FROM pairs UNION ALL SELECT rule FROM sums) c
   GROUP BY rule
  UNION ALL SELECT 'suggested', rule, count(*)::int FROM hints GROUP BY rule`;
const STORE_MATCHES = `
  INSERT INTO matches
    (tenant_id, id, set_name, rule, score, state, currency, amount_minor, a_items, b_items, run_id, created_at)
  SELECT $1::uuid, match, $2::text, rule, score, 'confirmed', currency, amount, a, b, $3::uuid, $4::timestamptz
    FROM (SELECT match, rule, score, currency, amount, ARRAY[a] AS a, ARRAY[b] AS b FROM pairs
          UNION ALL SELECT match, rule, score, currency, amount, a, b FROM sums) found`;
const MARK = `
  UPDATE items i SET state = 'matched', match_id = l.match
    FROM (SELECT match, a AS id FROM pairs UNION ALL SELECT match, b FROM pairs
          UNION ALL SELECT match, unnest(a) FROM sums UNION ALL SELECT match, unnest(b) FROM sums) l
   WHERE i.tenant_id = $1 AND i.id = l.id AND i.state = 'open'`;
const EXPECTED = `
  SELECT (SELECT 2 * count(*) FROM pairs) + (SELECT coalesce(sum(cardinality(a) + cardinality(b)), 0) FROM sums) AS n`;
/** A line of a bank is looked at by several sets: what explains it in one leaves nothing to explain in another. */
const WITHDRAW = `
  UPDATE items s SET state = 'withdrawn', withdrawn_by = l.match
    FROM (SELECT match, b AS id FROM pairs UNION ALL SELECT match, unnest(b) FROM sums) l
    JOIN items m ON m.tenant_id = $1 AND m.id = l.id AND m.source_type = 'bank_line'
   WHERE s.tenant_id = $1 AND s.set_name = ANY ($2::text[]) AND s.side = 'B' AND s.source_type = 'bank_line'
     AND s.source_id = m.source_id AND s.state = 'open'`;
const FORGET_ALL = 'DELETE FROM suggestions WHERE tenant_id = $1 AND set_name = $2';
const FORGET_SEEN = `
  DELETE FROM suggestions WHERE tenant_id = $1 AND set_name = $2
     AND b_items && coalesce((SELECT array_agg(id) FROM wb), '{}')`;
const STORE_HINTS = `
  INSERT INTO suggestions (tenant_id, set_name, rule, score, currency, diff_minor, a_items, b_items, evidence, run_id)
  SELECT $1, $2, rule, score, currency, diff, a, b, evidence, $3 FROM hints`;

/** A run's statements, in one transaction; the lock makes runs and people who match by hand take turns. */
@Injectable()
export class RunRepository {
  async lock(tx: Tx, scope: Scope): Promise<void> {
    await tx.execute(LOCK, [turnOf(scope)]);
  }

  /** @returns false when a run takes so long that a person should come again */
  async lockSoon(tx: Tx, scope: Scope): Promise<boolean> {
    await tx.execute(PATIENCE);
    try {
      await tx.execute(LOCK, [turnOf(scope)]);
    } catch (error) {
      if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return false;
      throw error;
    }
    await tx.execute(NO_PATIENCE);
    return true;
  }

  async openAll(tx: Tx, scope: Scope, { isDry }: { isDry: boolean }): Promise<void> {
    await this.prepare(tx);
    for (const text of work.AS_WHOLE) await tx.execute(text);
    if (!isDry) await tx.execute(work.DROP_NEWS, [scope.tenantId, scope.set]);
    for (const table of ['wa', 'wb'] as const) await tx.execute(work.fillAll(table), valuesOf(scope));
    for (const text of work.ANALYZE) await tx.execute(text);
  }

  /** @returns how many are new */
  async openNews(tx: Tx, scope: Scope, rules: readonly MatchRule[]): Promise<number> {
    await this.prepare(tx);
    await tx.execute(work.NEWS_TABLE);
    const news = await tx.execute(work.TAKE_NEWS, [scope.tenantId, scope.set]);
    await tx.execute(work.ANALYZE_NEWS);
    for (const table of ['wa', 'wb'] as const) await tx.execute(work.fillNews(table), valuesOf(scope));
    const near = rules.filter(({ pass: name }) => name === 'amount_date');
    const most = (days: readonly (number | null)[]) => (days.length === 0 ? null : Math.max(...days.map(Number)));
    const reach = [most(near.map((each) => each.daysBefore)), most(near.map((each) => each.daysAfter))];
    // Twice: what may be found at the news, and what else may be found at that, or nothing could be said to be unique.
    for (const text of work.BY_INDEX) await tx.execute(text);
    for (const step of [0, 1]) {
      for (const text of work.ANALYZE) await tx.execute(text);
      const values = [...valuesOf(scope), step, ...reach];
      await tx.execute(work.fillNeighbours('wb'), values);
      await tx.execute(work.fillNeighbours('wa'), values);
    }
    for (const text of [...work.AS_WHOLE, ...work.ANALYZE]) await tx.execute(text);
    return news;
  }

  async pair(tx: Tx, { tenantId }: Scope, rule: MatchRule, score: number): Promise<void> {
    const values = [tenantId, rule.pass, score, rule.daysBefore, rule.daysAfter];
    const texts =
      rule.pass === 'reference' ? [pass.PAIR_BY_REFERENCE] : [pass.PAIR_BY_SECOND, pass.PAIR_BY_SECOND_OF_B];
    for (const text of texts) {
      await tx.execute(text, values);
      for (const drop of pass.DROP_PAIRED) await tx.execute(drop);
    }
  }

  async sum(tx: Tx, { tenantId }: Scope, rule: MatchRule, score: number): Promise<void> {
    for (const text of [pass.SUM_OF_A, pass.SUM_OF_B]) {
      await tx.execute(text, [tenantId, rule.pass, score]);
      for (const drop of pass.DROP_SUMMED) await tx.execute(drop);
    }
  }

  differences(tx: Tx, { tenantId }: Scope): Promise<Difference[]> {
    return tx.query<Difference>(pass.DIFFERENCES, [tenantId]);
  }

  async near(tx: Tx, { tenantId }: Scope, rule: MatchRule, score: number): Promise<void> {
    await tx.execute(pass.FIND_NEAR, [tenantId, rule.daysBefore, rule.daysAfter]);
    await tx.execute('ANALYZE near');
    if (rule.auto) await tx.execute(pass.PAIR_NEAR, [rule.autoLimitMinor, rule.pass, score]);
    await tx.execute(pass.HINT_NEAR, [rule.pass, score]);
    for (const drop of pass.DROP_PAIRED) await tx.execute(drop);
  }

  async suggestTolerance(tx: Tx, { tenantId }: Scope, rule: MatchRule, score: number): Promise<void> {
    const { daysBefore, daysAfter, toleranceMinor } = rule;
    await tx.execute(pass.HINT_TOLERANCE, [tenantId, rule.pass, score, daysBefore, daysAfter, toleranceMinor]);
  }

  async suggestPartyDay(tx: Tx, rule: MatchRule, score: number): Promise<void> {
    await tx.execute(pass.HINT_PARTY_DAY, [rule.pass, score, rule.daysBefore, rule.daysAfter]);
  }

  subsets(tx: Tx, rule: MatchRule, most: number): Promise<SubsetQuestion[]> {
    return tx.query<SubsetQuestion>(pass.FIND_SUBSETS, [rule.daysBefore, rule.daysAfter, most]);
  }

  async suggestSubsets(tx: Tx, found: readonly { b: string; a: string; currency: string }[], score: number) {
    const columns = [found.map(({ b }) => b), found.map(({ a }) => a), found.map(({ currency }) => currency)];
    await tx.execute(pass.HINT_SUBSETS, ['subset_sum', score, ...columns]);
  }

  outcome(tx: Tx): Promise<{ kind: 'confirmed' | 'suggested'; rule: string; n: number }[]> {
    return tx.query(OUTCOME);
  }

  async store(tx: Tx, scope: Scope, run: { id: string; isFull: boolean; at: Date }) {
    const { tenantId, set, traits } = scope;
    if (!run.isFull) for (const text of work.BY_INDEX) await tx.execute(text);
    await tx.execute(STORE_MATCHES, [tenantId, set, run.id, run.at]);
    const marked = await tx.execute(MARK, [tenantId]);
    const [expected] = await tx.query<{ n: string }>(EXPECTED);
    if (marked !== Number(expected?.n))
      throw new Error(`${marked} items were open of ${expected?.n} that were matched`);
    if (traits.isOfBank) await tx.execute(WITHDRAW, [tenantId, bankSets.filter((each) => each !== set)]);
    await tx.execute(run.isFull ? FORGET_ALL : FORGET_SEEN, [tenantId, set]);
    await tx.execute(STORE_HINTS, [tenantId, set, run.id]);
  }

  private async prepare(tx: Tx): Promise<void> {
    await tx.execute(work.WORK_MEM);
    for (const text of work.WORK_TABLES) await tx.execute(text);
  }
}

const valuesOf = ({ tenantId, set, traits }: Scope) => [tenantId, set, traits.isWithinAccount, traits.isTwoPart];
/** Sets that look at the same lines of banks take one turn. */
const turnOf = ({ tenantId, set, traits }: Scope) => `recon ${tenantId} ${traits.isOfBank ? 'bank' : set}`;
