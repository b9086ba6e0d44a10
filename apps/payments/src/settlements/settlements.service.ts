import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { settle } from '../domain/payment-change.ts';
import { Facts } from '../payments/facts.service.ts';
import type { SaidFact } from '../payments/facts.service.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';

/** Reconciliation saw the money of payments at the bank: each of them says once that it is settled. */
@Injectable()
export class SettlementsService {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly facts: Facts,
    private readonly clock: Clock,
  ) {}

  async arrived(tx: Tx, events: readonly QuittanceEvent<'deposit.matched'>[]): Promise<void> {
    // The last entry of a key stays: the first event that says it is the cause.
    const causes = new Map(
      events
        .toReversed()
        .flatMap((cause) => cause.data.payments.map((id) => [`${cause.tenantid} ${id}`, cause] as const)),
    );
    const keys = [...causes.keys()].map((key) => {
      const [tenantId = '', id = ''] = key.split(' ');
      return { tenantId, id };
    });
    const now = this.clock.now();
    const decisions = (await this.payments.lockMany(tx, keys)).flatMap((payment) => settle(payment, now) ?? []);
    const facts = decisions
      .flatMap(({ facts: said }) => said)
      .map((fact): SaidFact => {
        const cause = causes.get(`${fact.payment.tenantId} ${fact.payment.id}`);
        return cause ? { ...fact, origin: { cause } } : fact;
      });
    await Promise.all([
      this.payments.update(
        tx,
        decisions.map(({ next }) => next),
      ),
      this.facts.say(tx, facts),
    ]);
  }
}
