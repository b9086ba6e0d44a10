import { Injectable, Logger } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { sourceOf } from '../allocations/allocation-batch.ts';
import type { AccountKey } from '../allocations/receivable.repository.ts';
import { ReceivablesService } from '../allocations/receivables.service.ts';
import type { UnappliedShare } from '../allocations/unapplied-fund.repository.ts';
import { distinct, keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { HeldPayment } from './held-payment.ts';
import { HeldPaymentsService } from './held-payments.service.ts';
import { withdraw } from './withdraw.ts';
import type { Withdrawn } from './withdraw.ts';
import type { RefundRow, ShortfallRow } from './withdrawal.entity.ts';
import { WithdrawalRepository } from './withdrawal.repository.ts';
import { paymentKeyOf, refunded, refundedByCheck, takenBack } from './withdrawal.ts';
import type { Disbursed, TakenBack, Withdrawal } from './withdrawal.ts';

const counted = metrics.counter('billing_withdrawals_total', 'Refunds, returns and reversals of payments', ['kind']);

/**
 * Money that left a payment: refunds, bank returns, reversals. Debts it had paid are owed again; what it did not hold
 * any more, because it was paid out before, is a shortfall that the payer owes. No balance ever goes below zero.
 */
@Injectable()
export class WithdrawalsService {
  private readonly log = new Logger(WithdrawalsService.name);

  constructor(
    private readonly payments: HeldPaymentsService,
    private readonly receivables: ReceivablesService,
    private readonly withdrawals: WithdrawalRepository,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  async takeBack(tx: Tx, events: readonly TakenBack[]): Promise<void> {
    const nowOf = await this.time.of(tx, new Set(events.map(({ tenantid }) => tenantid)));
    await this.withdraw(
      tx,
      events.map((event) => takenBack(event, nowOf(event.tenantid))),
    );
  }

  async refund(tx: Tx, events: readonly QuittanceEvent<'refund.succeeded'>[]): Promise<void> {
    const nowOf = await this.time.of(tx, new Set(events.map(({ tenantid }) => tenantid)));
    await this.withdraw(
      tx,
      events.map((event) => refunded(event, nowOf(event.tenantid))),
    );
  }

  /** Where a cheque is how it was made. */
  async refundByCheck(tx: Tx, events: readonly Disbursed[]): Promise<void> {
    const nowOf = await this.time.of(tx, new Set(events.map(({ tenantid }) => tenantid)));
    await this.withdraw(
      tx,
      events.flatMap((event) => refundedByCheck(event, nowOf(event.tenantid))),
    );
  }

  /** What was granted, and should not have been: its debts are owed again. */
  takeCreditsBack(tx: Tx, withdrawals: readonly Withdrawal[]): Promise<void> {
    return this.withdraw(tx, withdrawals);
  }

  private async withdraw(tx: Tx, withdrawals: readonly Withdrawal[]): Promise<void> {
    for (const round of roundsOf(withdrawals)) await this.withdrawOnce(tx, round);
  }

  /** Of each payment at most one. */
  private async withdrawOnce(tx: Tx, round: readonly Withdrawal[]): Promise<void> {
    const payments = await this.payments.lock(tx, round.map(paymentKeyOf));
    const wanted = await this.fresh(tx, round, payments);
    if (wanted.length === 0) return;
    const invoices = invoicesOf(wanted.map(({ held }) => held));
    const accounts = [
      ...(await this.receivables.accountsOf(tx, invoices)),
      ...wanted.flatMap(({ held }) => held.shares.flatMap(policyOf)),
    ];
    const book = await this.receivables.of(tx, accounts, invoices);
    const withdrawn = wanted.map(({ held, withdrawal }) => withdraw(held, withdrawal, book));
    const shortfalls = withdrawn.flatMap(shortfallOf);
    tx.afterCommit(() => withdrawn.forEach((each) => this.tell(each)));
    await this.payments.save(
      tx,
      withdrawn.map((each) => ({ ...each, credited: 'credit.reversed', occasion: each.withdrawal.occasion })),
    );
    await Promise.all([
      this.withdrawals.insertRefunds(tx, withdrawn.flatMap(refundOf)),
      this.withdrawals.insertShortfalls(
        tx,
        shortfalls.map(({ row }) => row),
      ),
      this.receivables.save(tx, book),
      this.outbox.append(tx, [...withdrawn.flatMap(({ events }) => events), ...shortfalls.map(({ event }) => event)]),
    ]);
  }

  /**
   * Those that did not count before: a refund counts once by its id, and a payment is taken back once.
   * @throws PoisonError for a payment that never was posted here: its money is nowhere in these books
   */
  private async fresh(tx: Tx, round: readonly Withdrawal[], payments: ReadonlyMap<string, HeldPayment>) {
    const refunds = round.flatMap(({ tenantId, refundId }) => (refundId === null ? [] : [{ tenantId, id: refundId }]));
    const known = new Set((await this.withdrawals.knownRefunds(tx, refunds)).map(keyOf));
    return round.flatMap((withdrawal) => {
      const { tenantId, kind, refundId, paymentLocator, amount } = withdrawal;
      const held = payments.get(keyOf(paymentKeyOf(withdrawal)));
      if (!held) throw new PoisonError(`payment ${paymentLocator} was never posted here and has a ${kind}`);
      if (held.received.currency !== amount.currency) {
        throw new PoisonError(`payment ${paymentLocator} is in ${held.received.currency}, its ${kind} is not`);
      }
      const isDone =
        refundId === null ? held.received.state === 'reversed' : known.has(keyOf({ tenantId, id: refundId }));
      return isDone ? [] : [{ held, withdrawal }];
    });
  }

  /** One wide line a withdrawal, with every id by which somebody may look for it. */
  private tell({ withdrawal, batches, missingMinor }: Withdrawn): void {
    const { tenantId, paymentLocator, kind, refundId, amount } = withdrawal;
    counted.inc({ kind });
    const invoices = [...new Set(batches.flatMap((batch) => batch.invoices.map(({ invoiceId }) => invoiceId)))];
    const amounts = {
      amountMinor: Number(amount.minor),
      missingMinor: Number(missingMinor),
      currency: amount.currency,
    };
    const ids = { tenantId, paymentLocator, kind, refundId, batches: batches.map(({ id }) => id), invoices };
    this.log.log({ ...ids, ...amounts }, 'money left a payment');
  }
}

/** In order, and cut so that no round has two of one payment: the second is made on what the first one left. */
function roundsOf(withdrawals: readonly Withdrawal[]): Withdrawal[][] {
  const rounds: Withdrawal[][] = [];
  for (const own of Map.groupBy(withdrawals, (each) => keyOf(paymentKeyOf(each))).values()) {
    own.forEach((withdrawal, index) => (rounds[index] ??= []).push(withdrawal));
  }
  return rounds;
}

/** Locked before the fund that is its, as every policy is. */
function policyOf({ tenantId, ownerType, ownerLocator: locator }: UnappliedShare): AccountKey[] {
  return ownerType === 'policy' ? [{ tenantId, locator }] : [];
}

function invoicesOf(payments: readonly HeldPayment[]): TenantKey[] {
  const keys = payments.flatMap(({ received: { tenantId }, batches }) =>
    batches.flatMap(({ invoices }) => invoices.map(({ invoiceId: id }) => ({ tenantId, id }))),
  );
  return distinct(keys);
}

function dayOf({ effectiveDate, occasion }: Withdrawal): string {
  return effectiveDate ?? localDate(occasion.time, 'UTC');
}

function refundOf({ withdrawal, missingMinor }: Withdrawn): Omit<RefundRow, 'state'>[] {
  const { tenantId, refundId, paymentLocator, amount } = withdrawal;
  if (refundId === null) return [];
  const amounts = { amountMinor: amount.minor, coveredMinor: amount.minor - missingMinor, currency: amount.currency };
  return [{ tenantId, id: refundId, paymentLocator, ...amounts, effectiveDate: dayOf(withdrawal) }];
}

function shortfallOf({ withdrawal, received, missingMinor }: Withdrawn): { row: ShortfallRow; event: NewEvent }[] {
  if (missingMinor === 0n) return [];
  const { tenantId, paymentLocator, policyLocator, policyholderLocator, kind: cause, occasion } = withdrawal;
  const { currency } = withdrawal.amount;
  const id = newId();
  const effectiveDate = dayOf(withdrawal);
  const row = { tenantId, id, paymentLocator, policyLocator, policyholderLocator, cause, effectiveDate };
  const data = {
    ...{ shortfallId: id, ...sourceOf({ kind: received.kind, paymentLocator }), cause, effectiveDate },
    ...(policyLocator === null ? {} : { policyLocator }),
    ...(policyholderLocator === null ? {} : { policyholderLocator }),
    amount: toWire({ minor: missingMinor, currency }),
  };
  return [
    {
      row: { ...row, currency, amountMinor: missingMinor },
      event: { type: 'shortfall.opened', tenantId, subject: id, sequence: 1, data, ...occasion },
    },
  ];
}
