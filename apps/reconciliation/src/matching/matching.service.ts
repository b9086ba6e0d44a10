import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { Finding } from '../domain/exception.ts';
import type { ReconSet } from '../domain/item.ts';
import { setTraits } from '../domain/match-rules.ts';
import type { MatchRule } from '../domain/match-rules.ts';
import { SUBSET_ITEMS_MAX, uniqueSubset } from '../domain/subset-sum.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import { MatchListRepository } from './match-list.repository.ts';
import { ReconRunRepository } from './recon-run.repository.ts';
import type { RunCounts } from './recon-run.ts';
import { RuleRepository } from './rule.repository.ts';
import { RunRepository } from './run.repository.ts';
import type { Difference, Scope } from './run.repository.ts';

/** The surer, the higher; days apart are taken off where days decide. */
const scores = {
  reference: 100,
  second_reference: 95,
  group_sum: 95,
  amount_date: 80,
  tolerance: 60,
  party_day: 70,
  subset_sum: 50,
} as const;
const confirmed = metrics.counter('recon_matches_total', 'Matches that runs confirmed', ['set']);

/** What a run was asked for; without `id` it is one of the worker's own. */
export interface RunOrder {
  readonly id?: string;
  readonly tenantId: string;
  readonly set: ReconSet;
  readonly kind: 'full' | 'news';
  readonly isDry?: boolean;
}

/**
 * Finds at each other what is open of a set, by its rules in their order. One transaction: the same items and rules
 * always come to the same matches, and a dry run is that transaction without what it stores.
 */
@Injectable()
export class MatchingService {
  constructor(
    private readonly runs: RunRepository,
    private readonly log: ReconRunRepository,
    private readonly rules: RuleRepository,
    private readonly lists: MatchListRepository,
    private readonly exceptions: ExceptionRepository,
    private readonly clock: Clock,
  ) {}

  async run(tx: Tx, { tenantId, set, kind, isDry = false, id = newId() }: RunOrder): Promise<RunCounts> {
    const scope: Scope = { tenantId, set, traits: setTraits[set] };
    await this.runs.lock(tx, scope);
    const { version, rules } = await this.rules.current(tx, tenantId, set);
    if (kind === 'full') await this.runs.openAll(tx, scope, { isDry });
    else await this.runs.openNews(tx, scope, rules);
    const differences = await this.pass(tx, scope, rules, kind);
    const counts = await this.count(tx, differences.length);
    const at = this.clock.now();
    if (!isDry) {
      await this.runs.store(tx, scope, { id, isFull: kind === 'full', at });
      await this.ask(tx, tenantId, differences, at);
      const sum = Object.values(counts.confirmed).reduce((total, n) => total + n, 0);
      tx.afterCommit(() => confirmed.inc({ set }, sum));
    }
    await this.log.finish(tx, { id, tenantId, set, kind, isDry, version, counts, at });
    return counts;
  }

  private async pass(tx: Tx, scope: Scope, rules: readonly MatchRule[], kind: RunOrder['kind']) {
    let differences: Difference[] = [];
    const isFull = kind === 'full';
    for (const rule of rules) {
      const score = scores[rule.pass];
      if (rule.pass === 'reference' || rule.pass === 'second_reference') await this.runs.pair(tx, scope, rule, score);
      if (rule.pass === 'group_sum') await this.runs.sum(tx, scope, rule, score);
      if (rule.pass === 'amount_date') await this.runs.near(tx, scope, rule, score);
      if (rule.pass === 'tolerance' && isFull) await this.runs.suggestTolerance(tx, scope, rule, score);
      if (rule.pass === 'party_day' && isFull) await this.runs.suggestPartyDay(tx, rule, score);
      if (rule.pass === 'subset_sum' && isFull) await this.suggestSubsets(tx, rule, score);
    }
    if (scope.traits.isReferenceUnique) differences = await this.runs.differences(tx, scope);
    return differences;
  }

  private async suggestSubsets(tx: Tx, rule: MatchRule, score: number): Promise<void> {
    const questions = await this.runs.subsets(tx, rule, SUBSET_ITEMS_MAX);
    const found = questions.flatMap(({ b, amount, currency, a, amounts }) => {
      const members = uniqueSubset(amounts.map(BigInt), BigInt(amount));
      return members ? [{ b, currency, a: members.map((n) => a[n]).join(',') }] : [];
    });
    await this.runs.suggestSubsets(tx, found, score);
  }

  /** A person is asked about the side that is missing something. */
  private async ask(tx: Tx, tenantId: string, differences: readonly Difference[], at: Date): Promise<void> {
    const ids = differences.flatMap(({ a, b }) => [a, b]);
    const items = new Map((await this.lists.items(tx, tenantId, ids)).map((item) => [item.id, item]));
    const findings = differences.map(({ a, b, currency, missing }): Finding => {
      const [subject, other] = [items.get(a)!.source, items.get(b)!.source];
      const detail = `It has the reference of ${other.type} ${other.id}, and another amount.`;
      return { tenantId, type: 'amount_mismatch', subject, detail, amount: { minor: BigInt(missing), currency } };
    });
    await this.exceptions.open(tx, findings, at);
  }

  private async count(tx: Tx, differences: number): Promise<RunCounts> {
    const rows = await this.runs.outcome(tx);
    const of = (kind: 'confirmed' | 'suggested') =>
      Object.fromEntries(rows.filter((row) => row.kind === kind).map(({ rule, n }) => [rule, n]));
    return { confirmed: of('confirmed'), suggested: of('suggested'), differences };
  }
}
