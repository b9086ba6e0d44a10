import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { seedState } from '../domain/payment-state.ts';
import type { FactDetails, Payment, PaymentFact } from '../domain/payment.ts';

type PaymentData = EventData<'payment.posted'>;
export type Origin = Pick<NewEvent, 'cause' | 'correlationId' | 'traceparent'>;

/** The one place where a fact of the domain becomes an event of the contract. */
export function toEvent({ type, payment, ...details }: PaymentFact, origin: Origin = {}): NewEvent {
  const data: PaymentData = { ...snapshot(payment), ...detailsOf(details) };
  const { tenantId, id, version, updatedAt } = payment;
  return { type: `payment.${type}`, tenantId, subject: id, sequence: version, data, time: updatedAt, ...origin };
}

function detailsOf({ failure, reversal, action, flag }: FactDetails): Partial<PaymentData> {
  return {
    ...(failure ? { failure } : {}),
    ...(reversal
      ? {
          reversal: {
            reversalId: reversal.id,
            reason: reversal.reason,
            pejorative: reversal.pejorative,
            executedDate: reversal.executedOn,
            ...present({ name: reversal.name, details: reversal.details }),
          },
        }
      : {}),
    ...(action
      ? { action: { type: action.type, ...present({ expiresTimestamp: action.expiresAt?.toISOString() ?? null }) } }
      : {}),
    ...(flag
      ? {
          flag: {
            flagId: flag.id,
            reason: flag.reason,
            ...present({ detail: flag.detail, amount: flag.amount && toWire(flag.amount) }),
          },
        }
      : {}),
  } as Partial<PaymentData>;
}

function snapshot(payment: Payment): PaymentData {
  const { sourceType, sourceId, sourceAttempt } = payment;
  return {
    locator: payment.id,
    displayId: payment.displayId,
    state: seedState(payment.state),
    amount: toWire({ minor: payment.amountMinor, currency: payment.currency }),
    method: payment.method,
    channel: payment.channel,
    createdTimestamp: payment.createdAt.toISOString(),
    ...(sourceType && sourceId && sourceAttempt
      ? { source: { type: sourceType, id: sourceId, attempt: sourceAttempt } }
      : {}),
    ...(payment.attemptNo > 0 ? { attemptNo: payment.attemptNo } : {}),
    ...present({
      policyLocator: payment.policyLocator,
      policyholderLocator: payment.policyholderLocator,
      invoiceLocator: payment.invoiceLocator,
      statementLocator: payment.statementLocator,
      paymentMethodId: payment.paymentMethodId,
      merchantId: payment.merchantId,
      locationId: payment.locationId,
      receivedDate: payment.receivedOn,
      effectiveDate: payment.effectiveOn,
      linkId: payment.linkId,
      retryOf: payment.retryOf,
      providerRef: payment.providerRef,
      authorizedTimestamp: payment.authorisedAt?.toISOString() ?? null,
      authorizationExpiresTimestamp: payment.authorisationExpiresAt?.toISOString() ?? null,
      postedTimestamp: payment.postedAt?.toISOString() ?? null,
      reversedTimestamp: payment.reversedAt?.toISOString() ?? null,
      returnedTimestamp: payment.returnedAt?.toISOString() ?? null,
    }),
    ...moneyBack(payment),
  };
}

/** Only where something was given back, is disputed, settled or returned, or in suspense: most payments never are. */
function moneyBack(payment: Payment): Partial<PaymentData> {
  const { currency, refundedMinor, disputedMinor, settlement, toSuspense, returned } = payment;
  const isWhole = refundedMinor === payment.amountMinor;
  return {
    ...(refundedMinor > 0n
      ? {
          amountRefunded: toWire({ minor: refundedMinor, currency }),
          refundStatus: isWhole ? ('full' as const) : ('partial' as const),
        }
      : {}),
    ...(disputedMinor > 0n ? { amountDisputed: toWire({ minor: disputedMinor, currency }) } : {}),
    ...(settlement ? { settlement } : {}),
    ...(toSuspense ? { toSuspense } : {}),
    ...(returned
      ? {
          return: {
            ...{ scheme: returned.scheme, code: returned.code, pejorative: returned.pejorative },
            returnedDate: returned.returnedOn,
          },
        }
      : {}),
  };
}

/** Without what is not there: the contract's optional fields are absent, never null. */
export function present<K extends string, V>(fields: Record<K, V | null>): { [P in K]?: V } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as { [P in K]?: V };
}
