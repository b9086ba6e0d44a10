import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Posting } from '../domain/entry.ts';
import type { CategorySum } from '../domain/payout.ts';
import { remittanceDeposited } from '../domain/remittance-rules.ts';
import { achDeposited, payoutCreated, payoutDeposited, processorFees } from '../domain/settlement-rules.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import { JournalService } from '../journal/journal.service.ts';
import { SettlementBookingRepository } from './settlement-booking.repository.ts';
import type { DepositChange, UnbookedPayout } from './settlement-booking.repository.ts';
import { SettlementRepository } from './settlement.repository.ts';

type TenantPosting = Posting & { readonly tenantId: string };

const PORTION = 200;

/**
 * Payouts and what the bank shows of them become entries. What is claimed and its entry commit together; who dies in
 * between has claimed nothing.
 */
@Injectable()
export class SettlementBookings {
  constructor(
    private readonly bookings: SettlementBookingRepository,
    private readonly settlements: SettlementRepository,
    private readonly journal: JournalService,
    private readonly exceptions: ExceptionRepository,
    private readonly clock: Clock,
  ) {}

  /** @returns how many payouts were booked */
  async bookPayouts(tx: Tx): Promise<number> {
    const payouts = await this.bookings.claimPayouts(tx, this.clock.now(), PORTION);
    const postings: TenantPosting[] = [];
    for (const tenantId of new Set(payouts.map((payout) => payout.tenantId))) {
      const its = payouts.filter((payout) => payout.tenantId === tenantId);
      const sums = await this.settlements.sums(
        tx,
        tenantId,
        its.map(({ id }) => id),
      );
      for (const payout of its)
        postings.push(
          ...postingsOf(
            payout,
            sums.filter(({ batchId }) => batchId === payout.id),
          ),
        );
    }
    await this.journal.record(tx, postings);
    return payouts.length;
  }

  /** @returns how many matches with a bank were booked, or taken back */
  async bookDeposits(tx: Tx): Promise<number> {
    const matched = await this.bookings.claimMatched(tx, PORTION);
    const unmatched = await this.bookings.claimUnmatched(tx);
    await this.journal.record(tx, [...matched.map((each) => depositOf(each)), ...unmatched.map(undoneOf)]);
    const subjects = matched.map(({ tenantId, source }) => ({ tenantId, subject: source }));
    await this.exceptions.close(tx, subjects, ['payout_not_in_bank'], this.clock.now());
    return matched.length + unmatched.length;
  }
}

function postingsOf({ tenantId, id, currency, net, arrivalOn }: UnbookedPayout, sums: readonly CategorySum[]) {
  const about = { tenantId, source: { type: 'settlement_batch', id }, effectiveOn: arrivalOn };
  return [
    { ...about, kind: 'processor_fees', lines: processorFees(sums, currency) },
    { ...about, kind: 'payout_created', lines: payoutCreated(sums, { minor: net, currency }) },
  ].filter(({ lines }) => lines.length > 0);
}

/** By what was expected: a payout, an ACH batch of our own, a payment of a payer. */
const linesOf = { settlement_batch: payoutDeposited, ach_batch: achDeposited, remittance: remittanceDeposited };

/** Matched again after it was undone, it is another fact than the first time. */
function depositOf({ tenantId, n, source, currency, amount: minor, datedOn }: DepositChange): TenantPosting {
  const amount = { minor, currency };
  const lines = linesOf[source.type as keyof typeof linesOf](amount);
  const id = n === 1 ? source.id : `${source.id}#${n}`;
  return { tenantId, kind: 'deposit_matched', source: { ...source, id }, effectiveOn: datedOn, lines };
}

function undoneOf(change: DepositChange): TenantPosting {
  const matched = depositOf(change);
  const lines = matched.lines.map((line) => ({ ...line, amount: -line.amount }));
  return { ...matched, kind: 'deposit_unmatched', lines };
}
