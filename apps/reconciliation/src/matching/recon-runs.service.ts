import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { ReconSet } from '../domain/item.ts';
import { defaultRules, reconSets } from '../domain/match-rules.ts';
import type { MatchRule } from '../domain/match-rules.ts';
import { ReconRunRepository } from './recon-run.repository.ts';
import type { ReconRun, RuleSet } from './recon-run.ts';
import { RuleRepository } from './rule.repository.ts';

interface By {
  readonly tenantId: string;
  readonly clientId: string;
}

/** By which rules a tenant's sets are looked through, and the runs that people ask for: a worker does them. */
@Injectable()
export class ReconRunsService {
  constructor(
    private readonly runs: ReconRunRepository,
    private readonly rules: RuleRepository,
    private readonly clock: Clock,
  ) {}

  async sets(tx: Tx, tenantId: string): Promise<(RuleSet & { set: ReconSet })[]> {
    const own = await this.rules.own(tx, tenantId);
    return reconSets.map((set) => ({ set, ...(own.get(set) ?? { version: 0, rules: defaultRules[set] }) }));
  }

  change(tx: Tx, { tenantId, clientId: by }: By, set: ReconSet, rules: readonly MatchRule[]): Promise<RuleSet> {
    return this.rules.add(tx, { tenantId, set, rules, by, at: this.clock.now() });
  }

  ask(tx: Tx, { tenantId, clientId: by }: By, set: ReconSet, isDry: boolean): Promise<ReconRun> {
    return this.runs.queue(tx, { tenantId, id: newId(), set, isDry, by, at: this.clock.now() });
  }

  page(tx: Tx, tenantId: string, of: { before: string | null; set: ReconSet | undefined; limit: number }) {
    return this.runs.page(tx, tenantId, of);
  }

  find(tx: Tx, tenantId: string, id: string): Promise<ReconRun | null> {
    return this.runs.find(tx, tenantId, id);
  }
}
