import { Injectable, Logger } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { CalendarDate } from '../domain/calendar.ts';
import type { FeeType } from '../domain/fee.ts';
import type { Invoice } from '../domain/invoice.ts';
import { localDate } from '../domain/zone.ts';
import type { PolicyView } from '../instalments/instalment.events.ts';
import { IssueService } from '../invoices/issue.service.ts';
import type { StoredCharge } from '../policies/charge.entity.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';

const assessed = metrics.counter('billing_fees_assessed_total', 'Fees assessed, by type', ['type']);

export interface NewFee {
  readonly tenantId: string;
  /** Of its charge, too. */
  readonly id: string;
  readonly policy: PolicyView;
  readonly termNumber: number;
  readonly type: FeeType;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly dueOn: CalendarDate;
  /** What it is for: a payment, an invoice, a delinquency. */
  readonly causeId: string;
  readonly cause?: QuittanceEvent | undefined;
}

/** Fees that billing itself asks for: each a charge of no transaction, alone on an invoice of its own. */
@Injectable()
export class FeesService {
  private readonly log = new Logger(FeesService.name);

  constructor(
    private readonly policies: PolicyRepository,
    private readonly issuing: IssueService,
    private readonly outbox: Outbox,
  ) {}

  /** The caller holds the locks of the policies. A fee of nothing is none. */
  async assess(tx: Tx, fees: readonly NewFee[], nowOf: NowOf): Promise<Invoice[]> {
    const charged = fees
      .filter(({ amountMinor }) => amountMinor > 0n)
      .map((fee) => ({ fee, charge: chargeOf(fee, localDate(nowOf(fee.tenantId), fee.policy.timeZone)) }));
    if (charged.length === 0) return [];
    await this.policies.insertCharges(
      tx,
      charged.map(({ charge }) => charge),
    );
    const invoices = await this.issuing.issue(
      tx,
      charged.map(({ fee, charge }) => draftOf(fee, charge)),
      nowOf,
    );
    await this.outbox.append(
      tx,
      charged.map(({ fee, charge }, index) => feeAssessed(fee, charge, { invoice: invoices[index]!, nowOf })),
    );
    tx.afterCommit(() => charged.forEach(({ fee, charge }, index) => this.tell(fee, charge, invoices[index]!)));
    return invoices;
  }

  private tell(
    { tenantId, policy, type, causeId }: NewFee,
    { id: feeId, amountMinor }: StoredCharge,
    invoice: Invoice,
  ) {
    assessed.inc({ type });
    const ids = { tenantId, policyLocator: policy.locator, feeId, invoiceId: invoice.id, causeId };
    this.log.log({ ...ids, type, amountMinor: Number(amountMinor), currency: invoice.currency }, 'fee assessed');
  }
}

function chargeOf(
  { tenantId, id, policy, termNumber, type, currency, amountMinor }: NewFee,
  on: CalendarDate,
): StoredCharge {
  return {
    tenantId,
    id,
    policyLocator: policy.locator,
    transactionId: null,
    position: 1,
    category: 'fee',
    code: type,
    amountMinor,
    currency,
    handling: 'fully_earned',
    termNumber,
    coverageStart: on,
    coverageEnd: on,
    voidedMinor: 0n,
    offsetsChargeId: null,
  };
}

function draftOf({ tenantId, policy, currency, dueOn, cause }: NewFee, charge: StoredCharge) {
  const { id: chargeId, category, code, amountMinor } = charge;
  const items = [{ chargeId, category, code, amountMinor }];
  const about = { tenantId, policy, policyLocator: policy.locator, instalmentId: null };
  return { ...about, type: 'fee' as const, currency, dueOn, items, cause };
}

function feeAssessed(
  { tenantId, policy, type, causeId, cause }: NewFee,
  { id: feeId, amountMinor, currency, coverageStart }: StoredCharge,
  { invoice, nowOf }: { invoice: Invoice; nowOf: NowOf },
): NewEvent {
  return {
    type: 'fee.assessed',
    tenantId,
    subject: feeId,
    sequence: 1,
    data: {
      feeId,
      feeType: type,
      policyLocator: policy.locator,
      invoiceLocator: invoice.id,
      amount: toWire({ minor: amountMinor, currency }),
      causeId,
      assessedOn: coverageStart,
    },
    time: nowOf(tenantId),
    cause,
  };
}
