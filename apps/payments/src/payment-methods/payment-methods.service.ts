import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { dateOf } from '../domain/calendar.ts';
import { fieldError, notFound } from '../domain/errors.ts';
import { addMethod, setDefault, withdrawMethod } from '../domain/payment-method-life.ts';
import type { MethodDecision, MethodFact, Withdrawal } from '../domain/payment-method-life.ts';
import { methodState } from '../domain/payment-method.ts';
import type { Instrument, PaymentMethod } from '../domain/payment-method.ts';
import { toMethodEvent } from './method-event.ts';
import { PaymentMethodRepository } from './payment-method.repository.ts';
import type { MethodKey, MethodPage } from './payment-method.repository.ts';

export interface MethodRequest {
  readonly provider: string;
  readonly token: string;
  readonly instrument: Instrument;
  readonly policyholderLocator: string;
}

@Injectable()
export class PaymentMethodsService {
  private readonly log = new Logger(PaymentMethodsService.name);

  constructor(
    private readonly methods: PaymentMethodRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** The same card under a second token is a second method: the fingerprint shows that they are one card. */
  async add(tx: Tx, tenantId: string, { instrument, ...rest }: MethodRequest): Promise<PaymentMethod> {
    const { next, facts } = addMethod({ ...instrument, ...rest, tenantId, id: newId() }, this.clock.now());
    await Promise.all([this.methods.insert(tx, next), this.say(tx, facts)]);
    return next;
  }

  async get(tx: Tx, key: MethodKey): Promise<PaymentMethod> {
    return existing(await this.methods.find(tx, key), key);
  }

  list(tx: Tx, page: MethodPage): Promise<PaymentMethod[]> {
    return this.methods.page(tx, page);
  }

  /** A policyholder has at most one default: the one before it steps back. */
  async setDefault(tx: Tx, key: MethodKey, isDefault: boolean): Promise<PaymentMethod> {
    const now = this.clock.now();
    const all = await this.methods.lockOfSameHolder(tx, key);
    const method = existing(all.find(({ id }) => id === key.id) ?? null, key);
    if (isDefault && methodState(method, dateOf(now)) !== 'active') {
      throw fieldError('payment_method_not_usable', '/isDefault', 'cannot be charged');
    }
    const others = isDefault ? all.filter((other) => other.isDefault && other.id !== key.id) : [];
    // One after the other: the database knows no moment with two defaults.
    for (const other of others) await this.save(tx, [setDefault(other, false, now)]);
    const decision = setDefault(method, isDefault, now);
    await this.save(tx, [decision]);
    return decision.next;
  }

  /** By the customer, or by the bank. */
  async withdraw(tx: Tx, key: MethodKey, withdrawal: Withdrawal): Promise<PaymentMethod> {
    const method = existing(await this.methods.lock(tx, key), key);
    const decision = withdrawMethod(method, withdrawal, this.clock.now());
    await this.save(tx, [decision]);
    return decision.next;
  }

  /** For methods that the caller holds locked. */
  async save(tx: Tx, decisions: readonly MethodDecision[]): Promise<void> {
    const changed = decisions.filter(({ facts }) => facts.length > 0);
    await Promise.all([
      this.methods.update(
        tx,
        changed.map(({ next }) => next),
      ),
      this.say(
        tx,
        changed.flatMap(({ facts }) => facts),
      ),
    ]);
  }

  private async say(tx: Tx, facts: readonly MethodFact[]): Promise<void> {
    await this.outbox.append(tx, facts.map(toMethodEvent));
    tx.afterCommit(() => {
      for (const { type, method, reason } of facts) {
        const { tenantId, id, state, policyholderLocator, expiresOn, isDefault } = method;
        const line = { tenantId, paymentMethodId: id, state, policyholderLocator, expiresOn, isDefault, reason };
        this.log.log(line, `payment method ${type}`);
      }
    });
  }
}

function existing(method: PaymentMethod | null, { id }: MethodKey): PaymentMethod {
  if (method === null) throw notFound('payment method', id);
  return method;
}
