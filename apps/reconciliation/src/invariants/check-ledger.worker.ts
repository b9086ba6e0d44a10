import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { ChainVerifier } from '../ledger/chain-verifier.ts';
import { invariants } from './checks.ts';
import type { Violation } from './invariant.repository.ts';
import { InvariantsService } from './invariants.service.ts';

const EVERY_MS = 60_000;
/** A booked entry is never changed by our own doing: adding all of them up again finds what others did to them. */
const WHOLE_EVERY_MS = 24 * 3_600_000;
/** Longer than a transaction may last, so that none commits behind the look that should have seen it. */
const OVERLAP_MS = 5 * 60_000;

const imbalance = metrics.gauge(
  'ledger_imbalance',
  'Places where an invariant of the books does not hold: anything but 0 is an alarm',
  ['invariant'],
);
const checkedAt = metrics.gauge(
  'ledger_checked_timestamp_seconds',
  'When the books were last checked: a time that stands still is an alarm too',
);

/**
 * Proves the books while they are being written. Every minute: all trial balances, and the entries since the last look;
 * at the start, once a day and as long as something is wrong: every entry. It changes nothing in them, so any number of
 * processes may look.
 */
@Injectable()
export class CheckLedgerWorker extends Worker {
  private readonly logger = new Logger(CheckLedgerWorker.name);
  private lookedAt = 0;
  private lookedAtAllAt = 0;
  private isSound = false;

  constructor(
    private readonly db: Database,
    private readonly invariants: InvariantsService,
    private readonly chains: ChainVerifier,
    private readonly clock: Clock,
  ) {
    super('check-ledger', EVERY_MS);
  }

  /** A look that fails is not repeated before the next minute: it may have failed because it took too long. */
  protected async work(): Promise<number> {
    await this.look().catch((error: Error) => this.logger.error(`the books could not be checked: ${error.message}`));
    return 0;
  }

  private async look(): Promise<void> {
    const at = this.clock.now();
    const now = at.getTime();
    const isWhole = !this.isSound || now - this.lookedAtAllAt >= WHOLE_EVERY_MS;
    const since = isWhole ? null : new Date(this.lookedAt - OVERLAP_MS);
    const found = await this.brokenSeals(since);
    const violations = await this.db.tx((tx) => this.invariants.look(tx, { at, since, found }));
    for (const { id: invariant } of invariants) {
      imbalance.set({ invariant }, violations.filter((each) => each.invariant === invariant).length);
    }
    for (const { invariant, tenantId, subject } of violations) {
      this.logger.error(`${invariant} does not hold for ${subject} of tenant ${tenantId}`);
    }
    checkedAt.set(now / 1000);
    this.isSound = violations.length === 0;
    this.lookedAt = now;
    if (isWhole) this.lookedAtAllAt = now;
  }

  /** In transactions of its own: the whole of a ledger takes longer than a statement may. */
  private async brokenSeals(since: Date | null): Promise<Violation[]> {
    const chains = await this.chains.verify(since);
    return chains.flatMap(({ tenantId, broken }) =>
      broken ? [{ invariant: 'sealed_chain', tenantId, subject: `batch ${broken.n}` }] : [],
    );
  }
}
