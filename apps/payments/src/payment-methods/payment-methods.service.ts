import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { notFound } from '../domain/errors.ts';
import type { Instrument, PaymentMethod } from '../domain/payment-method.ts';
import { present } from '../payments/payment-event.ts';
import { PaymentMethodRepository } from './payment-method.repository.ts';

export interface NewMethod {
  readonly provider: string;
  readonly token: string;
  readonly instrument: Instrument;
  readonly policyholderLocator: string;
}

@Injectable()
export class PaymentMethodsService {
  constructor(
    private readonly methods: PaymentMethodRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async add(tx: Tx, tenantId: string, { instrument, ...rest }: NewMethod): Promise<PaymentMethod> {
    const now = this.clock.now();
    const method: PaymentMethod = {
      ...{ tenantId, id: newId(), version: 1, state: 'active', createdAt: now, updatedAt: now },
      ...instrument,
      ...rest,
    };
    const { id, type, brand, last4, state, policyholderLocator } = method;
    const data = { paymentMethodId: id, type, state, policyholderLocator, ...present({ brand, last4 }) };
    const event = { type: 'payment_method.added', tenantId, subject: id, sequence: 1, data, time: now } as const;
    await Promise.all([this.methods.insert(tx, method), this.outbox.append(tx, [event])]);
    return method;
  }

  async get(tx: Tx, key: { tenantId: string; id: string }): Promise<PaymentMethod> {
    const method = await this.methods.find(tx, key);
    if (method === null) throw notFound('payment method', key.id);
    return method;
  }
}
