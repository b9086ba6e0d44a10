import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Stripe from 'stripe';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { ProviderNotification } from './notification.ts';
import { NotificationRefused, PaymentProvider, ProviderUnavailable } from './provider.ts';
import type { ChargeRequest, Description, FollowUpRequest, LookupQuestion, NotificationRequest } from './provider.ts';
import { toStripeAmount } from './stripe-amounts.ts';
import { notificationsFrom } from './stripe-events.ts';
import { instrumentFrom, mandateFrom } from './stripe-instruments.ts';
import { captureOutcome, chargeOutcome, errorOutcome, isMissing } from './stripe-outcomes.ts';
import { metadataKeys, refundOutcome, voidOutcome } from './stripe-outcomes.ts';

export interface StripeOptions {
  readonly apiKey: string;
  /** Without one no notification is believed. */
  readonly webhookSecret?: string | undefined;
  readonly url: string;
  readonly timeoutMs: number;
  /** Where a bank sends the customer back to; without one a charge that needs the customer is declined. */
  readonly returnUrl?: string | undefined;
}

const notRepresentable: ProviderOutcome = {
  ...{ kind: 'declined', ref: null, code: 'amount_not_representable', category: 'hard' },
  recommendedAction: 'contact_support',
};
const describeTimeoutMs = 5_000;

/**
 * Stripe through its own client. Our key is the idempotency key of every request, kept by Stripe for a day, and is
 * written into the metadata of what it made, kept for good. The client never repeats a request: the service decides.
 */
export class StripeProvider extends PaymentProvider {
  readonly name = 'stripe';
  private readonly stripe: Stripe;
  private readonly agent: HttpAgent | HttpsAgent;

  constructor(private readonly options: StripeOptions) {
    super();
    const { protocol, hostname: host, port } = new URL(options.url);
    const isPlain = protocol === 'http:';
    this.agent = isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true });
    this.stripe = new Stripe(options.apiKey, {
      ...{ host, port: Number(port || (isPlain ? 80 : 443)), protocol: isPlain ? 'http' : 'https' },
      ...{ httpAgent: this.agent, maxNetworkRetries: 0, telemetry: false, timeout: options.timeoutMs },
    });
  }

  async describe(token: string): Promise<Description> {
    if (!token.startsWith('pm_')) return { kind: 'unknown_token' };
    try {
      const method = await this.stripe.paymentMethods.retrieve(token, {}, { timeout: describeTimeoutMs });
      const instrument = instrumentFrom(method, method.us_bank_account ? await this.mandateOf(token) : null);
      if (instrument) return { kind: 'instrument', instrument };
      return { kind: 'not_available', detail: `${method.type} is not taken` };
    } catch (error) {
      if (isMissing(error)) return { kind: 'unknown_token' };
      const outcome = errorOutcome(error);
      throw new ProviderUnavailable('reason' in outcome ? outcome.reason : outcome.kind, { cause: error });
    }
  }

  async charge(request: ChargeRequest): Promise<ProviderOutcome> {
    const amount = toStripeAmount(request.amountMinor, request.currency);
    if (amount === null) return notRepresentable;
    const method = await this.readMethod(request.token);
    if ('kind' in method) return method;
    // What is attached to a customer is charged without them; a token that was made just now has them before it.
    const customer = typeof method.customer === 'object' ? method.customer?.id : method.customer;
    const { returnUrl } = this.options;
    const present = returnUrl === undefined ? { error_on_requires_action: true } : { return_url: returnUrl };
    const params: Stripe.PaymentIntentCreateParams = {
      ...{ amount, currency: request.currency.toLowerCase(), confirm: true },
      ...{ payment_method: request.token, payment_method_types: [method.type] },
      ...(customer !== undefined ? { customer, off_session: true } : present),
      capture_method: request.capture ? 'automatic' : 'manual',
      metadata: { [metadataKeys.charge]: request.key, quittance_subject: request.subject },
      expand: ['latest_charge'],
    };
    const options = { idempotencyKey: request.key, timeout: this.options.timeoutMs * 0.75 };
    return this.heard(async () => chargeOutcome(await this.stripe.paymentIntents.create(params, options)));
  }

  async capture({ key, chargeRef, amountMinor, currency }: FollowUpRequest): Promise<ProviderOutcome> {
    const amount = toStripeAmount(amountMinor, currency);
    if (amount === null) return notRepresentable;
    const params = { amount_to_capture: amount, metadata: { [metadataKeys.capture]: key } };
    const call = async () =>
      chargeOutcome(await this.stripe.paymentIntents.capture(chargeRef, params, { idempotencyKey: key }));
    return this.heard(call, (intent) => captureOutcome(intent, key));
  }

  /** A cancellation takes no metadata, so the key is left first: its notification would not be ours without it. */
  void({ key, chargeRef }: FollowUpRequest): Promise<ProviderOutcome> {
    const { paymentIntents } = this.stripe;
    const call = async () => {
      const metadata = { [metadataKeys.void]: key };
      await paymentIntents.update(chargeRef, { metadata }, { idempotencyKey: `${key}_mark` });
      return orUnknown(voidOutcome(await paymentIntents.cancel(chargeRef, {}, { idempotencyKey: key })));
    };
    return this.heard(call, voidOutcome);
  }

  async refund({ key, chargeRef, amountMinor, currency }: FollowUpRequest): Promise<ProviderOutcome> {
    const amount = toStripeAmount(amountMinor, currency);
    if (amount === null) return notRepresentable;
    const params = { payment_intent: chargeRef, amount, metadata: { [metadataKeys.refund]: key } };
    return this.heard(async () => refundOutcome(await this.stripe.refunds.create(params, { idempotencyKey: key })));
  }

  /**
   * By the charge where there is one: Stripe reads what it wrote. A charge itself is searched by our key, and its
   * index lags behind by minutes. "Never seen" is safe all the same: whatever was sent within a day is found by its
   * idempotency key when it is sent again, and whatever was sent before that is in the index.
   */
  async lookup({ key, operation, chargeRef }: LookupQuestion): ReturnType<PaymentProvider['lookup']> {
    try {
      if (operation === 'charge') return await this.searchCharge(key);
      if (chargeRef === null) return { kind: 'unknown', reason: 'no charge to look it up by' };
      if (operation === 'refund') return await this.findRefund(chargeRef, key);
      const intent = await this.stripe.paymentIntents.retrieve(chargeRef);
      return operation === 'void' ? voidOutcome(intent) : captureOutcome(intent, key);
    } catch (error) {
      // Whatever stopped the question, it says nothing about what we ask about.
      const outcome = errorOutcome(error);
      return { kind: 'unknown', reason: 'reason' in outcome ? outcome.reason : `lookup ${outcome.kind}` };
    }
  }

  notifications({ headers, body }: NotificationRequest): readonly ProviderNotification[] {
    const { webhookSecret } = this.options;
    const signature = headers['stripe-signature'];
    if (webhookSecret === undefined) throw new NotificationRefused('no secret is configured');
    if (typeof signature !== 'string') throw new NotificationRefused('stripe-signature is missing');
    try {
      const event = this.stripe.webhooks.constructEvent(body, signature, webhookSecret);
      if (event.object !== 'event') throw new TypeError('it is no event');
      return notificationsFrom(event);
    } catch (error) {
      throw new NotificationRefused('the notification is not one of Stripe', { cause: error });
    }
  }

  override close(): Promise<void> {
    this.agent.destroy();
    return Promise.resolve();
  }

  /** Reading moves no money: whatever goes wrong here, nothing was charged. */
  private async readMethod(token: string): Promise<Stripe.PaymentMethod | ProviderOutcome> {
    try {
      return await this.stripe.paymentMethods.retrieve(token, {}, { timeout: this.options.timeoutMs * 0.25 });
    } catch (error) {
      const outcome = errorOutcome(error);
      return outcome.kind === 'unknown' ? { kind: 'never_reached', reason: outcome.reason } : outcome;
    }
  }

  private async mandateOf(token: string) {
    const params = { payment_method: token, limit: 1, expand: ['data.mandate'] };
    const [setup] = (await this.stripe.setupIntents.list(params, { timeout: describeTimeoutMs })).data;
    return typeof setup?.mandate === 'object' && setup.mandate !== null ? mandateFrom(setup.mandate) : null;
  }

  private async searchCharge(key: string): ReturnType<PaymentProvider['lookup']> {
    const query = `metadata['${metadataKeys.charge}']:'${key.replace(/['\\]/g, '\\$&')}'`;
    const [intent] = (await this.stripe.paymentIntents.search({ query, limit: 1 })).data;
    return intent ? chargeOutcome(intent) : { kind: 'never_seen' };
  }

  private async findRefund(chargeRef: string, key: string): ReturnType<PaymentProvider['lookup']> {
    for await (const refund of this.stripe.refunds.list({ payment_intent: chargeRef, limit: 100 })) {
      if (refund.metadata?.[metadataKeys.refund] === key) return refundOutcome(refund);
    }
    return { kind: 'never_seen' };
  }

  /** `seen` reads the intent that an error shows: what it was asked for may be done already. */
  private async heard(
    ask: () => Promise<ProviderOutcome>,
    seen?: (intent: Stripe.PaymentIntent) => ReturnType<typeof voidOutcome>,
  ): Promise<ProviderOutcome> {
    try {
      return await ask();
    } catch (error) {
      const intent = error instanceof Stripe.errors.StripeInvalidRequestError ? error.payment_intent : undefined;
      const said = intent && seen ? seen(intent) : null;
      return said === null || said.kind === 'never_seen' ? errorOutcome(error) : said;
    }
  }
}

function orUnknown(outcome: ReturnType<typeof voidOutcome>): ProviderOutcome {
  return outcome.kind === 'never_seen' ? { kind: 'unknown', reason: 'not canceled' } : outcome;
}
