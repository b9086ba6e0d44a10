import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Finding } from '../domain/exception.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import type { Check } from './check.ts';
import { invariants } from './checks.ts';
import { InvariantRepository } from './invariant.repository.ts';
import type { Verdict, Violation } from './invariant.repository.ts';

export interface Look {
  readonly at: Date;
  /** Null: every entry is added up. */
  readonly since: Date | null;
  /** What was found by other means than a statement. */
  readonly found: readonly Violation[];
}

/** Looks at everybody's books, keeps what it found for each tenant, and makes it work for people. */
@Injectable()
export class InvariantsService {
  constructor(
    private readonly invariants: InvariantRepository,
    private readonly exceptions: ExceptionRepository,
  ) {}

  async look(tx: Tx, { at, since, found }: Look): Promise<Violation[]> {
    const violations = [...found, ...(await this.invariants.violations(tx, since))];
    await this.invariants.keep(tx, violations, { at, isWhole: since === null });
    await this.exceptions.open(tx, findingsOf(violations), at);
    return violations;
  }

  /** One verdict for each check; without a time where nobody has looked yet. */
  async verdicts(tx: Tx, tenantId: string): Promise<(Omit<Check, 'sql'> & { verdict: Verdict | undefined })[]> {
    const verdicts = new Map((await this.invariants.verdicts(tx, tenantId)).map((each) => [each.invariant, each]));
    return invariants.map(({ id, title }) => ({ id, title, verdict: verdicts.get(id) }));
  }
}

/** One for each invariant of a tenant, however many places there are. It never closes by itself. */
function findingsOf(violations: readonly Violation[]): Finding[] {
  const byKey = Map.groupBy(violations, ({ tenantId, invariant }) => `${tenantId} ${invariant}`);
  return [...byKey.values()].map(([first, ...more]) => {
    const { tenantId, invariant, subject } = first!;
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    const detail = `${invariant} does not hold for ${subject}${others}`;
    return { tenantId, type: 'ledger_integrity', subject: { type: 'invariant', id: invariant }, detail };
  });
}
