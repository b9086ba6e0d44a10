import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { nextAttempt } from '../domain/retry.ts';
import { localDate, startOfDay } from '../domain/zone.ts';
import { dueData } from '../instalments/instalment.events.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { CollectionAttempt } from './collection-attempt.entity.ts';
import { CollectionAttemptRepository } from './collection-attempt.repository.ts';
import type { AttemptKey, RequestedAttempt } from './collection-attempt.repository.ts';
import { RetryRepository } from './retry.repository.ts';
import type { DueRetry } from './retry.repository.ts';

const failed = metrics.counter('billing_collection_failures_total', 'Attempts that failed', ['retryable']);
const asked = metrics.counter('billing_collection_retries_total', 'Attempts asked for again');

export type FailedPayment = QuittanceEvent<'payment.failed'> | QuittanceEvent<'payment.declined'>;

/** When a charge is tried again. How it is made is payments' business. */
@Injectable()
export class CollectionsService {
  constructor(
    private readonly attempts: CollectionAttemptRepository,
    private readonly retries: RetryRepository,
    private readonly instalments: InstalmentRepository,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  /** An attempt that we asked for failed: where it may succeed later, its next one gets a date. */
  async recordFailures(tx: Tx, events: readonly FailedPayment[]): Promise<void> {
    // Backwards, so that of several words on one attempt the first one stands.
    const failures = new Map(events.flatMap((event) => failureOf(event)).toReversed());
    const keys = [...failures.values()].map(({ key }) => key);
    if (keys.length === 0) return;
    const found = await this.attempts.findRequested(tx, keys);
    await this.policies.lock(
      tx,
      found.map(({ tenantId, policyLocator }) => ({ tenantId, locator: policyLocator })),
    );
    // Read again under the lock: the payment of another channel may have settled it meanwhile.
    const [requested, nowOf] = await Promise.all([
      this.attempts.findRequested(tx, keys),
      this.time.of(tx, new Set(keys.map(({ tenantId }) => tenantId))),
    ]);
    const settled = requested.map((attempt) => ({ ...attempt, ...failures.get(attemptKey(attempt)) }));
    tx.afterCommit(() => {
      for (const attempt of settled) failed.inc({ retryable: String(attempt.retryable ?? false) });
    });
    await this.attempts.settle(
      tx,
      'failed',
      settled.map(({ code, ...attempt }) => ({ ...attempt, ...(code === undefined ? {} : { failureCode: code }) })),
    );
    await this.attempts.insert(
      tx,
      settled.flatMap((attempt) => (attempt.retryable && attempt.isOpen ? waitingAfter(attempt, nowOf) : [])),
    );
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
}

function attemptKey({ tenantId, instalmentId, attemptNo }: AttemptKey): string {
  return `${tenantId}/${instalmentId}/${attemptNo}`;
}

/** Nothing for a payment that no instalment asked for: its payer knows. */
function failureOf({ tenantid, data }: FailedPayment): [string, Failure][] {
  const { source, failure } = data;
  if (source?.type !== 'instalment') return [];
  const key = { tenantId: tenantid, instalmentId: source.id, attemptNo: source.attempt };
  const code = failure ? { code: failure.code } : {};
  return [[attemptKey(key), { key, retryable: failure?.retryable ?? false, ...code }]];
}

function waitingAfter(failed: RequestedAttempt, nowOf: NowOf): CollectionAttempt[] {
  const { tenantId, instalmentId, policyLocator, timeZone, firstOn, attemptNo } = failed;
  const next = nextAttempt({ attempt: attemptNo, firstOn, failedOn: localDate(nowOf(tenantId), timeZone) });
  if (!next) return [];
  return [
    {
      tenantId,
      instalmentId,
      policyLocator,
      attemptNo: next.attempt,
      state: 'waiting',
      nextAttemptOn: next.on,
      nextAttemptAt: startOfDay(next.on, timeZone),
    },
  ];
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
