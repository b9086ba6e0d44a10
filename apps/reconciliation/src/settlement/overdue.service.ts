import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Finding } from '../domain/exception.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import { OverdueRepository } from './overdue.repository.ts';
import type { Overdue } from './overdue.repository.ts';

const PORTION = 500;

/**
 * Asks for money that should have been seen: payments in a processor's report, payouts at the bank, 835s and their
 * money at each other, what a deposit is for. What is told is marked in the transaction of its exception, so a person
 * who closes one is not asked again; what comes late closes it.
 */
@Injectable()
export class OverdueService {
  constructor(
    private readonly overdue: OverdueRepository,
    private readonly exceptions: ExceptionRepository,
    private readonly clock: Clock,
  ) {}

  /** @returns how many were told; 0 when there are no more */
  async tell(tx: Tx): Promise<number> {
    const now = this.clock.now();
    const payments = await this.overdue.payments(tx, now, PORTION);
    const payouts = await this.overdue.payouts(tx, now, PORTION);
    const alone = await this.overdue.alone(tx, now, PORTION);
    const deposits = await this.overdue.deposits(tx, now, PORTION);
    const findings = [
      ...[...payments.map(paymentNotSettled), ...payouts.map(payoutNotInBank)],
      ...[...alone.map(notTogether), ...deposits.map(depositUnidentified)],
    ];
    await this.exceptions.open(tx, findings, now);
    return findings.length;
  }
}

function paymentNotSettled({ tenantId, id, name, amount: minor, currency, dueOn }: Overdue): Finding {
  const detail = `No processor's report has shown payment ${name}, which was to settle by ${dueOn}.`;
  const about = { tenantId, subject: { type: 'payment', id }, amount: { minor, currency } };
  return { ...about, type: 'payment_not_settled', detail };
}

function payoutNotInBank({ tenantId, id, name, amount: minor, currency, dueOn }: Overdue): Finding {
  const detail = `No bank has shown payout ${name}, which was to arrive by ${dueOn}.`;
  const about = { tenantId, subject: { type: 'settlement_batch', id }, amount: { minor, currency } };
  return { ...about, type: 'payout_not_in_bank', detail };
}

/** By what is there: an 835, or money that names one. */
function notTogether({ tenantId, id, name, amount: minor, currency, dueOn }: Overdue): Finding {
  const about = { tenantId, subject: { type: name, id }, amount: { minor, currency } };
  if (name !== 'remittance') {
    return { ...about, type: 'eft_without_era', detail: `No 835 has come for it by ${dueOn}.` };
  }
  return { ...about, type: 'era_without_eft', detail: `No money has come for it by ${dueOn}.` };
}

/** Too much, until somebody knows whose it is. */
function depositUnidentified({ tenantId, id, name, amount, currency, dueOn }: Overdue): Finding {
  const detail = `Nothing has explained this money by ${dueOn}.`;
  const about = { tenantId, subject: { type: name, id }, amount: { minor: -amount, currency } };
  return { ...about, type: 'deposit_unidentified', detail };
}
