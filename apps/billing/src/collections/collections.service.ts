import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { addDays } from '../domain/calendar.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { delinquencyPlanFor } from '../domain/delinquency-plan.ts';
import { categoryOfReturn, defaultRetryDays, nextAttempt, nextPresentment } from '../domain/retry.ts';
import type { FailureCategory, RetryTerms } from '../domain/retry.ts';
import { localDate, startOfDay } from '../domain/zone.ts';
import { DelinquencySettingsRepository } from '../delinquency/delinquency-settings.repository.ts';
import type { DelinquencySettings } from '../delinquency/delinquency-settings.repository.ts';
import { dueData } from '../instalments/instalment.events.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { CollectionAttempt } from './collection-attempt.entity.ts';
import { CollectionAttemptRepository } from './collection-attempt.repository.ts';
import type { AttemptKey, RequestedAttempt, SettledAttempt } from './collection-attempt.repository.ts';
import { RetryRepository } from './retry.repository.ts';
import type { DueRetry } from './retry.repository.ts';

const failed = metrics.counter('billing_collection_failures_total', 'Attempts that failed', ['retryable']);
const asked = metrics.counter('billing_collection_retries_total', 'Attempts asked for again');

export type FailedPayment = QuittanceEvent<'payment.failed'> | QuittanceEvent<'payment.declined'>;
export type ReturnedPayment = QuittanceEvent<'payment.returned'>;

/** When a charge is tried again. How it is made is payments' business. */
@Injectable()
export class CollectionsService {
  constructor(
    private readonly attempts: CollectionAttemptRepository,
    private readonly retries: RetryRepository,
    private readonly instalments: InstalmentRepository,
    private readonly policies: PolicyRepository,
    private readonly settings: DelinquencySettingsRepository,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  /**
   * An attempt that we asked for failed: where it may succeed later, its next one gets a date.
   * @returns the policies, locked, of attempts that ended
   */
  async recordFailures(tx: Tx, events: readonly FailedPayment[]): Promise<PolicyKey[]> {
    // Backwards, so that of several words on one attempt the first one stands.
    const failures = new Map(events.flatMap((event) => failureOf(event)).toReversed());
    const keys = [...failures.values()].map(({ key }) => key);
    if (keys.length === 0) return [];
    await this.lock(tx, await this.attempts.findRequested(tx, keys));
    // Read again under the lock: the payment of another channel may have settled it meanwhile.
    const requested = await this.attempts.findRequested(tx, keys);
    const settled = requested.map((attempt): EndedAttempt => {
      const { code, category, retryable = false } = failures.get(attemptKey(attempt)) ?? {};
      const how = { ...(code ? { failureCode: code } : {}), ...(category ? { failureCategory: category } : {}) };
      // Payments says whether the provider would take it again, its category whether that would help.
      return { ...attempt, ...how, isRetried: retryable && category === 'soft', isReturned: false };
    });
    tx.afterCommit(() => {
      for (const { isRetried } of settled) failed.inc({ retryable: String(isRetried) });
    });
    await this.attempts.settle(tx, 'failed', settled);
    await this.tryAgain(tx, settled, (attempt, at) => nextAttempt(attempt, at));
    return settled.map(policyKeyOf);
  }

  /**
   * The bank sent back what an attempt of ours had brought: for want of money it is presented again, twice at most.
   */
  async recordReturns(tx: Tx, events: readonly ReturnedPayment[]): Promise<void> {
    const returns = new Map(events.flatMap((event) => returnOf(event)));
    const keys = [...returns.values()].map(({ key }) => key);
    if (keys.length === 0) return;
    await this.lock(tx, await this.attempts.findPosted(tx, keys));
    const posted = await this.attempts.findPosted(tx, keys);
    const settled = posted.map((attempt): EndedAttempt => {
      const failureCode = returns.get(attemptKey(attempt))!.code;
      const failureCategory = categoryOfReturn(failureCode);
      return { ...attempt, failureCode, failureCategory, isRetried: failureCategory === 'soft', isReturned: true };
    });
    await this.attempts.settle(tx, 'returned', settled);
    await this.tryAgain(tx, settled, (attempt, at) =>
      nextPresentment(
        // Counted from the day on which it was asked for, which is never later than its settlement.
        { ...attempt, code: attempt.failureCode!, returns: attempt.returns + 1, settledOn: attempt.firstOn },
        at,
      ),
    );
  }

  private lock(tx: Tx, attempts: readonly RequestedAttempt[]): Promise<void> {
    return this.policies.lock(tx, attempts.map(policyKeyOf));
  }

  private async tryAgain(tx: Tx, ended: readonly EndedAttempt[], next: NextOf): Promise<void> {
    const tenantIds = [...new Set(ended.map(({ tenantId }) => tenantId))];
    const [nowOf, settingsOf] = await Promise.all([this.time.of(tx, tenantIds), this.settings.of(tx, tenantIds)]);
    const waiting = ended
      .filter(({ isRetried, isOpen }) => isRetried && isOpen)
      .flatMap((attempt) => waitingAfter(attempt, { nowOf, settings: settingsOf(attempt.tenantId), next }));
    await this.attempts.insert(tx, waiting);
  }

  /** Asks for the claimed retries. The caller holds the locks of their policies. */
  async collectAgain(tx: Tx, retries: readonly DueRetry[], now: Date): Promise<void> {
    if (retries.length === 0) return;
    tx.afterCommit(() => asked.inc(retries.length));
    const again = retries.map(({ instalment }) => ({ ...instalment, version: instalment.version + 1 }));
    await Promise.all([
      this.retries.request(tx, retries),
      this.instalments.update(
        tx,
        again,
        retries.map(({ instalment }) => instalment.version),
      ),
      this.outbox.append(
        tx,
        retries.map((retry, index) => collectionDue(retry, again[index]!.version, now)),
      ),
    ]);
  }
}

interface Failure {
  readonly key: AttemptKey;
  readonly retryable: boolean;
  readonly code?: string;
  readonly category?: FailureCategory;
}

interface EndedAttempt extends RequestedAttempt, SettledAttempt {
  readonly isRetried: boolean;
  /** It had brought its money: its debt is due anew on the day on which that went back. */
  readonly isReturned: boolean;
}

type NextOf = (
  attempt: EndedAttempt & { readonly attempt: number; readonly failedOn: CalendarDate },
  terms: RetryTerms,
) => { attempt: number; on: CalendarDate } | null;

function policyKeyOf({ tenantId, policyLocator }: RequestedAttempt): PolicyKey {
  return { tenantId, locator: policyLocator };
}

function attemptKey({ tenantId, instalmentId, attemptNo }: AttemptKey): string {
  return `${tenantId}/${instalmentId}/${attemptNo}`;
}

/** Nothing for a payment that no instalment asked for: its payer knows. */
function failureOf({ tenantid, data }: FailedPayment): [string, Failure][] {
  const { source, failure } = data;
  if (source?.type !== 'instalment') return [];
  const key = { tenantId: tenantid, instalmentId: source.id, attemptNo: source.attempt };
  const how = failure ? { code: failure.code, category: failure.category } : {};
  return [[attemptKey(key), { key, retryable: failure?.retryable ?? false, ...how }]];
}

function returnOf({ tenantid, data }: ReturnedPayment): [string, { key: AttemptKey; code: string }][] {
  const { source, return: returned } = data;
  if (source?.type !== 'instalment' || !returned) return [];
  const key = { tenantId: tenantid, instalmentId: source.id, attemptNo: source.attempt };
  return [[attemptKey(key), { key, code: returned.code }]];
}

interface Circumstances {
  readonly nowOf: NowOf;
  readonly settings: DelinquencySettings;
  readonly next: NextOf;
}

function waitingAfter(ended: EndedAttempt, { nowOf, settings, next }: Circumstances): CollectionAttempt[] {
  const { tenantId, instalmentId, policyLocator, timeZone, attemptNo: attempt } = ended;
  const failedOn = localDate(nowOf(tenantId), timeZone);
  const planned = next({ ...ended, attempt, failedOn }, termsOf(ended, settings, failedOn));
  if (!planned) return [];
  return [
    {
      tenantId,
      instalmentId,
      policyLocator,
      attemptNo: planned.attempt,
      state: 'waiting',
      nextAttemptOn: planned.on,
      nextAttemptAt: startOfDay(planned.on, timeZone),
    },
  ];
}

/** A tenant that takes steps against who does not pay has its own days, and none of them reaches the notice. */
function termsOf(attempt: EndedAttempt, { plans }: DelinquencySettings, on: CalendarDate): RetryTerms {
  const plan = delinquencyPlanFor(plans, { ...attempt, on });
  if (!plan) return { days: defaultRetryDays, before: null };
  return {
    days: [0, ...plan.retryDays],
    before: addDays(attempt.isReturned ? on : attempt.firstOn, plan.noticeAfterDays),
  };
}

function collectionDue(retry: DueRetry, version: number, time: Date): NewEvent {
  const { instalment, attemptNo } = retry;
  return {
    type: 'instalment.collection_due',
    tenantId: instalment.tenantId,
    subject: instalment.id,
    sequence: version,
    data: dueData(instalment, retry, { attempt: attemptNo, autopayOn: retry.autopay?.on ?? null }),
    time,
  };
}
