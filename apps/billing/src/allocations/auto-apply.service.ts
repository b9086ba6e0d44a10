import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { allocate } from '../domain/allocation.ts';
import { keyOf } from '../domain/identity.ts';
import { localDate } from '../domain/zone.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { HeldPayment } from '../withdrawals/held-payment.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import type { Moved } from '../withdrawals/held-payments.service.ts';
import { eventOfBatch } from './allocation-batch.ts';
import type { AllocationBatch } from './allocation-batch.ts';
import { ReceivablesService } from './receivables.service.ts';
import type { ReceivableBook } from './receivable-book.ts';
import { UnappliedFundRepository } from './unapplied-fund.repository.ts';
import type { UnappliedShare } from './unapplied-fund.repository.ts';

const applied = metrics.counter('billing_unapplied_applied_total', 'Batches that unapplied money paid later');

/**
 * Unapplied money of policies pays what of them has become owed since: the oldest money first, what is due first first.
 */
@Injectable()
export class AutoApplyService {
  constructor(
    private readonly funds: UnappliedFundRepository,
    private readonly payments: HeldPaymentsService,
    private readonly receivables: ReceivablesService,
    private readonly outbox: Outbox,
  ) {}

  /** Locks payments first, then the policies: nothing of these may be locked already, but by a caller who has both. */
  async apply(tx: Tx, policies: readonly PolicyKey[], nowOf: NowOf): Promise<void> {
    const found = await this.funds.paymentsOfPolicies(tx, policies);
    if (found.length === 0) return;
    const held = await this.payments.lock(tx, found);
    const book = await this.receivables.openOf(tx, policies);
    const wanted = new Set(policies.map(({ tenantId, locator }) => keyOf({ tenantId, id: locator })));
    const steps = [...held.values()].flatMap((payment) =>
      payment.shares.filter((share) => isOwn(share, wanted)).flatMap((share) => spend(payment, share, { book, nowOf })),
    );
    if (steps.length === 0) return;
    tx.afterCommit(() => applied.inc(steps.length));
    await this.payments.save(tx, merged(steps));
    await Promise.all([
      this.receivables.save(tx, book),
      this.outbox.append(
        tx,
        steps.flatMap(({ events }) => events),
      ),
    ]);
  }
}

interface Step {
  readonly moved: Moved;
  readonly amountMinor: bigint;
  readonly events: readonly NewEvent[];
}

function isOwn({ tenantId, ownerType, ownerLocator }: UnappliedShare, wanted: ReadonlySet<string>): boolean {
  return ownerType === 'policy' && wanted.has(keyOf({ tenantId, id: ownerLocator }));
}

function spend(
  { received }: HeldPayment,
  share: UnappliedShare,
  { book, nowOf }: { book: ReceivableBook; nowOf: NowOf },
): Step[] {
  const { tenantId, ownerLocator: locator, currency, paymentLocator, kind } = share;
  const open = book.open({ tenantId, locator });
  const { invoices, unappliedMinor } = allocate(share.amountMinor, open, book.planOf(tenantId));
  const amountMinor = share.amountMinor - unappliedMinor;
  if (amountMinor === 0n) return [];
  const occasion = { time: nowOf(tenantId) };
  const { timeZone } = book.get({ tenantId, id: invoices[0]!.invoiceId }).policy;
  const head = { tenantId, id: newId(), paymentLocator, kind, currency, occasion, reverses: null };
  const effectiveDate = localDate(occasion.time, timeZone);
  const batch: AllocationBatch = { ...head, invoices, unappliedMinor, effectiveDate };
  const paid = invoices.flatMap(({ invoiceId: id, items }) => book.pay({ tenantId, id }, items, occasion));
  const moved: Moved = {
    received,
    batches: [batch],
    funds: [{ ...share, deltaMinor: -amountMinor, effectiveDate, occasion }],
    suspense: { closed: [], opened: [] },
    credited: 'credit.applied',
    occasion,
  };
  return [{ moved, amountMinor, events: [eventOfBatch(batch, book), ...paid] }];
}

/** A payment that had shares in the funds of several policies is written once. */
function merged(steps: readonly Step[]): Moved[] {
  const byPayment = Map.groupBy(steps, ({ moved: { received } }) =>
    keyOf({ tenantId: received.tenantId, id: received.locator }),
  );
  return [...byPayment.values()].map((own) => {
    const { received } = own[0]!.moved;
    const spent = own.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    return {
      ...own[0]!.moved,
      received: {
        ...received,
        unappliedMinor: received.unappliedMinor - spent,
        allocatedMinor: received.allocatedMinor + spent,
      },
      batches: own.flatMap(({ moved }) => moved.batches),
      funds: own.flatMap(({ moved }) => moved.funds),
    };
  });
}
