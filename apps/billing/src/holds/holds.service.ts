import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { CalendarDate } from '../domain/calendar.ts';
import { DomainError } from '../domain/errors.ts';
import { checkHold, releaseHold } from '../domain/hold.ts';
import type { Hold, HoldSource, HoldTerms } from '../domain/hold.ts';
import type { TenantKey } from '../domain/identity.ts';
import { localDate } from '../domain/zone.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { HoldRepository } from './hold.repository.ts';
import type { HoldPage } from './hold.repository.ts';

const counted = metrics.counter('billing_holds_total', 'Holds, by what became of them', ['source', 'state']);

/** Stops what is done to policies for a while: one by one, or all that fit. */
@Injectable()
export class HoldsService {
  private readonly log = new Logger(HoldsService.name);

  constructor(
    private readonly holds: HoldRepository,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `unknown_policy`, `invalid_hold` */
  async place(tx: Tx, tenantId: string, terms: HoldTerms): Promise<Hold> {
    const zone = await this.zoneOf(tx, tenantId, terms.policyLocator);
    const nowOf = await this.time.of(tx, [tenantId]);
    const today = localDate(nowOf(tenantId), zone);
    checkHold({ ...terms, startsOn: terms.startsOn ?? today }, today);
    return this.insert(tx, { tenantId, id: newId(), source: 'hold', zone }, terms);
  }

  /** Once each: the id is the sender's. */
  async declare(tx: Tx, key: TenantKey, terms: HoldTerms): Promise<void> {
    await this.insert(tx, { ...key, source: 'moratorium', zone: 'UTC' }, terms);
  }

  /** @returns null where there is no such hold */
  async release(tx: Tx, key: TenantKey): Promise<Hold | null> {
    const hold = await this.holds.lock(tx, key);
    if (!hold) return null;
    const zone = await this.zoneOf(tx, key.tenantId, hold.policyLocator);
    const nowOf = await this.time.of(tx, [key.tenantId]);
    return this.end(tx, hold, localDate(nowOf(key.tenantId), zone));
  }

  /** @throws PoisonError for a moratorium that nobody has declared */
  async lift(tx: Tx, key: TenantKey, on: CalendarDate): Promise<void> {
    const hold = await this.holds.lock(tx, key);
    if (!hold) throw new PoisonError(`moratorium ${key.id} was never declared`);
    if (hold.state === 'active') await this.end(tx, hold, on);
  }

  page(tx: Tx, tenantId: string, page: HoldPage): Promise<Hold[]> {
    return this.holds.page(tx, tenantId, page);
  }

  private async insert(tx: Tx, { zone, ...head }: Head, { startsOn, ...terms }: HoldTerms): Promise<Hold> {
    const nowOf = await this.time.of(tx, [head.tenantId]);
    const now = nowOf(head.tenantId);
    const begins = startsOn ?? localDate(now, zone);
    const hold: Hold = {
      ...{ ...terms, ...head, startsOn: begins, state: 'active', version: 1 },
      createdAt: this.clock.now(),
    };
    const isNew = await this.holds.insert(tx, hold);
    if (isNew) await this.wake(tx, hold, now);
    return hold;
  }

  private async end(tx: Tx, hold: Hold, on: CalendarDate): Promise<Hold> {
    const released = releaseHold(hold, on);
    await this.holds.update(tx, released);
    const nowOf = await this.time.of(tx, [hold.tenantId]);
    await this.wake(tx, released, nowOf(hold.tenantId));
    return released;
  }

  /** The next sweep looks at every delinquency that it applies to. */
  private async wake(tx: Tx, hold: Hold, now: Date): Promise<void> {
    if (hold.targets.includes('delinquency')) await this.holds.wake(tx, hold, now);
    tx.afterCommit(() => {
      // Without the reason: whoever wrote it may have named somebody.
      const { tenantId, id: holdId, source, state, policyLocator, targets, startsOn, endsOn } = hold;
      counted.inc({ source, state });
      this.log.log({ tenantId, holdId, source, state, policyLocator, targets, startsOn, endsOn }, 'hold');
    });
  }

  private async zoneOf(tx: Tx, tenantId: string, policyLocator: string | null): Promise<string> {
    if (policyLocator === null) return 'UTC';
    const policy = await this.policies.find(tx, tenantId, policyLocator);
    if (policy) return policy.timeZone;
    throw new DomainError('unknown_policy', 'Nothing can be held of a policy that is not here.', {
      errors: [{ pointer: '/scope/policyLocator', detail: 'no such policy' }],
    });
  }
}

interface Head extends TenantKey {
  readonly source: HoldSource;
  readonly zone: string;
}
