import { Injectable, Logger } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { From } from '../domain/notification.ts';
import { takeBack } from '../domain/payment-change.ts';
import type { Payment } from '../domain/payment.ts';
import { returnRule } from '../domain/return-code.ts';
import { FlagsService } from '../flags/flags.service.ts';
import type { Concern } from '../flags/flags.service.ts';
import { PaymentMethodsService } from '../payment-methods/payment-methods.service.ts';
import { Facts } from '../payments/facts.service.ts';
import type { Origin } from '../payments/payment-event.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import type { ReturnNews } from '../providers/notification.ts';

const returns = metrics.counter('payments_returns_total', 'Posted payments that the bank took back.', ['consequence']);

/** The bank takes a posted payment back; its code says what becomes of the account it came from. */
@Injectable()
export class ReturnsService {
  private readonly log = new Logger(ReturnsService.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly methods: PaymentMethodsService,
    private readonly flags: FlagsService,
    private readonly facts: Facts,
    private readonly clock: Clock,
  ) {}

  /** @returns the tenant of the payment; null when it is not here, or not posted yet */
  async hear(tx: Tx, news: ReturnNews, from: From): Promise<string | null> {
    const payment = await this.payments.lockOfCharge(tx, { ...from, chargeRef: news.chargeRef });
    if (!payment) return null;
    await this.take(tx, payment, news);
    return payment.tenantId;
  }

  /**
   * Reconciliation found them in files of banks. The provider may have said the same before: a payment that is returned
   * already stays as it is, and one that is not here is nobody's fault.
   */
  async detected(tx: Tx, events: readonly QuittanceEvent<'return.detected'>[]): Promise<void> {
    const keys = events.map(({ tenantid: tenantId, data }) => ({ tenantId, id: data.paymentLocator }));
    const payments = await this.payments.lockMany(tx, keys);
    const byKey = new Map(payments.map((payment) => [`${payment.tenantId} ${payment.id}`, payment]));
    for (const event of events) {
      const key = `${event.tenantid} ${event.data.paymentLocator}`;
      const payment = byKey.get(key);
      if (payment) byKey.set(key, await this.take(tx, payment, newsOf(event), { cause: event }));
    }
  }

  private async take(tx: Tx, payment: Payment, news: BankNews, origin?: Origin): Promise<Payment> {
    const concern = concernAbout(payment, news);
    if (concern) return this.flags.raise(tx, payment, concern, origin);
    return payment.state === 'posted' ? this.takeBack(tx, payment, news, origin) : payment;
  }

  private async takeBack(tx: Tx, payment: Payment, news: BankNews, origin?: Origin): Promise<Payment> {
    const { scheme, code, returnedOn } = news;
    const { consequence, pejorative, meaning } = returnRule({ scheme, code });
    const { next, facts } = takeBack(payment, { scheme, code, pejorative, returnedOn }, this.clock.now());
    const said = origin ? facts.map((fact) => ({ ...fact, origin })) : facts;
    await Promise.all([this.payments.update(tx, [next]), this.facts.say(tx, said)]);
    const { tenantId, id: paymentId, paymentMethodId, refundedMinor: minor, currency } = next;
    let kept = next;
    if (minor > 0n) {
      const detail = 'The bank took back the whole of what was partly refunded already.';
      kept = await this.flags.raise(
        tx,
        next,
        { reason: 'double_recovery', amount: { minor, currency }, detail },
        origin,
      );
    }
    if (paymentMethodId !== null && (consequence === 'revoke' || consequence === 'new_details')) {
      const state = consequence === 'revoke' ? 'revoked' : 'blocked';
      await this.methods.withdraw(tx, { tenantId, id: paymentMethodId }, { state, reason: code });
    }
    tx.afterCommit(() => {
      returns.inc({ consequence });
      this.log.log({ tenantId, paymentId, paymentMethodId, scheme, code, meaning, consequence }, 'payment returned');
    });
    return kept;
  }
}

/** A return, whoever told of it: the provider by its charge, reconciliation by the payment. */
type BankNews = Omit<ReturnNews, 'kind' | 'chargeRef'>;

function newsOf({ data }: QuittanceEvent<'return.detected'>): BankNews {
  const { minor: amountMinor, currency } = fromWire(data.amount);
  return { scheme: data.scheme, code: data.code, amountMinor, currency, returnedOn: data.effectiveDate };
}

/** What keeps a return from being taken as it is said: a return is of the whole entry, and of one that stands. */
function concernAbout(payment: Payment, { amountMinor: minor, currency, code }: BankNews): Concern | null {
  const amount = { minor, currency };
  if (minor !== payment.amountMinor || currency !== payment.currency) {
    return { reason: 'amount_mismatch', amount, detail: `The bank returned another amount, with code ${code}.` };
  }
  if (payment.state !== 'reversed') return null;
  return { reason: 'contradiction', amount, detail: `The bank returned it with code ${code} after it was reversed.` };
}
