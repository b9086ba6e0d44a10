import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { fieldError, notFound } from '../domain/errors.ts';
import { createPayment, recordExternal, reverse } from '../domain/payment.ts';
import type { Decision, Payment } from '../domain/payment.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { AuthorisationsService } from './authorisations.service.ts';
import { newPayment } from './new-payment.ts';
import { Facts } from './facts.service.ts';
import type { PaymentFilter, StoreRequest } from './payment-request.ts';
import { PaymentRepository } from './payment.repository.ts';
import type { PaymentKey } from './payment.repository.ts';

@Injectable()
export class PaymentsService {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly authorisations: AuthorisationsService,
    private readonly facts: Facts,
    private readonly time: TenantTime,
    private readonly clock: Clock,
  ) {}

  /** A draft is the hottest write of the service: one round trip. Offline money is created and posted at once. */
  async create(tx: Tx, tenantId: string, request: StoreRequest): Promise<Payment> {
    const today = request.kind === 'offline' ? await this.time.today(tx, tenantId) : null;
    if (request.kind === 'offline' && today && request.money.receivedOn > today.on) {
      throw fieldError('received_in_future', '/receivedDate', `is after today, ${today.on}`);
    }
    const { next, facts } = decide(tenantId, request, this.clock.now());
    await Promise.all([this.payments.insert(tx, [next]), this.facts.say(tx, facts)]);
    return next;
  }

  async get(tx: Tx, key: PaymentKey): Promise<Payment> {
    return existing(await this.payments.find(tx, key), key);
  }

  list(tx: Tx, page: { tenantId: string; filter: PaymentFilter; beforeId: string | null; limit: number }) {
    return this.payments.page(tx, page);
  }

  async reverse(tx: Tx, key: PaymentKey, words: { name: string | null; details: string | null }): Promise<Payment> {
    const [payment, today] = await Promise.all([
      this.authorisations.lockIdle(tx, key),
      this.time.today(tx, key.tenantId),
    ]);
    const how = { reason: 'entered_in_error', pejorative: false, executedOn: today.on } as const;
    const reversal = { id: newId(), ...how, ...words };
    const { next, facts } = reverse(payment, reversal, this.clock.now());
    await Promise.all([
      this.payments.update(tx, [next]),
      this.payments.insertReversal(tx, next, reversal),
      this.facts.say(tx, facts),
    ]);
    return next;
  }
}

function decide(tenantId: string, request: StoreRequest, now: Date): Decision {
  const identified = newPayment(tenantId, request.input, now);
  if (request.kind === 'draft') return createPayment(identified, 'draft');
  const { method, receivedOn } = request.money;
  const created = createPayment({ ...identified, method }, 'ready');
  const posted = recordExternal(created.next, receivedOn, now);
  return { next: posted.next, facts: [...created.facts, ...posted.facts] };
}

function existing(payment: Payment | null, { id }: PaymentKey): Payment {
  if (payment === null) throw notFound('payment', id);
  return payment;
}
