import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Worker } from '@quittance/service-kit/worker/worker';
import type { Finding } from '../domain/exception.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import { OverdueRepository } from './overdue.repository.ts';
import type { Overdue } from './overdue.repository.ts';

const EVERY_MS = 60_000;
const PORTION = 500;

/**
 * Asks for money that should have been seen: payments in a processor's report, payouts at the bank. What is told is
 * marked in the transaction of its exception, so a person who closes one is not asked again; what comes late closes it.
 */
@Injectable()
export class TellOverdueWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly overdue: OverdueRepository,
    private readonly exceptions: ExceptionRepository,
    private readonly clock: Clock,
  ) {
    super('tell-overdue', EVERY_MS);
  }

  protected work(): Promise<number> {
    return this.db.tx((tx) => this.tell(tx));
  }

  private async tell(tx: Tx): Promise<number> {
    const now = this.clock.now();
    const payments = await this.overdue.payments(tx, now, PORTION);
    const payouts = await this.overdue.payouts(tx, now, PORTION);
    const findings = [...payments.map(paymentNotSettled), ...payouts.map(payoutNotInBank)];
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
