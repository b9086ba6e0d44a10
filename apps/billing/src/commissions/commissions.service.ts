import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { Occasion } from '../allocations/occasion.ts';
import type { TouchedPolicy } from '../allocations/receivable-book.ts';
import { followBasis } from '../domain/commission.ts';
import { keyOf } from '../domain/identity.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { CommissionEntryRepository } from './commission-entry.repository.ts';
import { book } from './commission.events.ts';
import type { BookedMove } from './commission.events.ts';
import { CommissionRepository } from './commission.repository.ts';
import type { NewTerm } from './commission.repository.ts';

const counted = metrics.counter('billing_commission_entries_total', 'Commission entries, by state', ['state']);

/** A term that begins; without a producer it brings no commission. */
export interface OpenedTerm extends Omit<NewTerm, 'producerId'> {
  readonly producerId: string | null;
  readonly occasion: Occasion;
}

/**
 * What producers get for premium. Nobody says by how much it changed: after a transaction changed a policy's premium,
 * or what is billed or paid of it, the commission is brought up to what it has to be, in the same transaction and under
 * the policy's lock. So no order of events, and no repetition, can leave it off by a cent.
 */
@Injectable()
export class CommissionsService {
  private readonly log = new Logger(CommissionsService.name);

  constructor(
    private readonly commissions: CommissionRepository,
    private readonly entries: CommissionEntryRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Under the agreement in force on the first day of the term, if there is one. Call it once its charges are there. */
  async open(tx: Tx, terms: readonly OpenedTerm[]): Promise<void> {
    const produced = terms.flatMap(({ producerId, ...term }) =>
      producerId === null ? [] : [{ ...term, producerId, id: newId() }],
    );
    if (produced.length === 0 || (await this.commissions.open(tx, produced)) === 0) return;
    await this.follow(
      tx,
      produced.map(({ tenantId, policyLocator: locator, occasion }) => ({ tenantId, locator, occasion })),
    );
  }

  /** Call it after the statements that changed something; the policies are locked. */
  async follow(tx: Tx, policies: readonly TouchedPolicy[]): Promise<void> {
    const touched = new Map(policies.map((policy) => [keyOfPolicy(policy), policy]));
    if (touched.size === 0) return;
    const found = await this.commissions.follow(tx, [...touched.values()]);
    const followed = found.map(({ commission, timeZone, now }) => {
      const { tenantId, policyLocator: locator } = commission;
      const { occasion } = touched.get(keyOfPolicy({ tenantId, locator }))!;
      const { next, moves } = followBasis(commission, now);
      return { commission, next, booked: moves.map((move) => book(move, { timeZone, occasion })) };
    });
    const changed = followed.filter(({ commission, next }) => !isSame(commission, next));
    if (changed.length === 0) return;
    const booked = changed.flatMap((each) => each.booked);
    await Promise.all([
      this.commissions.update(
        tx,
        changed.map(({ next }) => next),
      ),
      this.record(tx, booked),
    ]);
  }

  /** Writes entries down, says them, and logs a line each. */
  async record(tx: Tx, booked: readonly BookedMove[]): Promise<void> {
    tx.afterCommit(() => booked.forEach((each) => this.tell(each)));
    await Promise.all([
      this.entries.insert(
        tx,
        booked.map(({ entry }) => entry),
      ),
      this.outbox.append(
        tx,
        booked.map(({ event }) => event),
      ),
    ]);
  }

  private tell({ entry: { id: entryId, amountMinor, ...entry } }: BookedMove): void {
    counted.inc({ state: entry.state });
    this.log.log({ entryId, ...entry, amountMinor: Number(amountMinor) }, 'commission booked');
  }
}

function keyOfPolicy({ tenantId, locator }: PolicyKey): string {
  return keyOf({ tenantId, id: locator });
}

function isSame(a: Bases, b: Bases): boolean {
  return a.basisMinor === b.basisMinor && a.earnedBasisMinor === b.earnedBasisMinor;
}

interface Bases {
  readonly basisMinor: bigint;
  readonly earnedBasisMinor: bigint;
}
