import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Instrument } from '../domain/payment-method.ts';
import type { ProviderNotification } from './notification.ts';
import type { Operation } from './provider.ts';

/** What the sandbox says of an operation, in its own words. */
export interface OperationBody {
  readonly ref: string;
  readonly status: 'approved' | 'authorised' | 'voided' | 'declined' | 'pending' | 'requires_action';
  readonly amountMinor: number;
  readonly currency: string;
  readonly decline?: Decline;
  readonly url?: string;
  readonly expiresAt?: string;
}

export type Decline = Pick<Extract<ProviderOutcome, { kind: 'declined' }>, 'code' | 'category' | 'recommendedAction'>;

export interface InstrumentBody {
  readonly type: 'card' | 'ach';
  readonly brand: string | null;
  readonly last4: string;
  readonly expiresOn: string | null;
  readonly currency: string | null;
  readonly fingerprint: string;
  readonly mandate: Instrument['mandate'];
}

/** A notification as the sandbox sends it: Standard Webhooks' `{ type, timestamp, data }` and its id. */
export type NotificationBody = { readonly id: string; readonly timestamp: string } & (
  | {
      readonly type: 'outcome';
      readonly data: OperationBody & { readonly operation: Operation; readonly key: string };
    }
  | {
      readonly type: 'returned';
      readonly data: {
        readonly chargeRef: string;
        readonly code: string;
        readonly amountMinor: number;
        readonly currency: string;
        readonly returnedOn: string;
      };
    }
  | {
      readonly type: 'dispute';
      readonly data: {
        readonly disputeRef: string;
        readonly chargeRef: string;
        readonly state: 'opened' | 'won' | 'lost';
        readonly amountMinor: number;
        readonly currency: string;
        readonly feeMinor: number;
        readonly reasonCode: string;
        readonly evidenceDueAt: string | null;
        readonly decidedOn: string | null;
      };
    }
  | { readonly type: 'method'; readonly data: { readonly token: string; readonly instrument: InstrumentBody } }
);

export function outcomeFrom(body: OperationBody): ProviderOutcome {
  const { ref, status, currency, decline, url, expiresAt } = body;
  const expiry = expiresAt === undefined ? null : new Date(expiresAt);
  switch (status) {
    case 'approved':
      return { kind: 'approved', ref, amountMinor: BigInt(body.amountMinor), currency };
    case 'authorised':
      return { kind: 'authorised', ref, amountMinor: BigInt(body.amountMinor), currency, expiresAt: expiry };
    case 'declined':
      if (decline) return { kind: 'declined', ref, ...decline };
      break;
    case 'requires_action':
      return { kind: 'requires_action', ref, ...(url && { url }), ...(expiry && { expiresAt: expiry }) };
    case 'voided':
    case 'pending':
      return { kind: status, ref };
  }
  return { kind: 'unknown', reason: `status ${String(status)}` };
}

export function instrumentFrom(body: InstrumentBody): Instrument {
  const { type, brand, last4, expiresOn, currency, fingerprint, mandate } = body;
  return { type, brand, last4, expiresOn, currency, fingerprint, mandate };
}

/** Null for a kind of news that this adapter does not know yet. */
export function notificationFrom(provider: string, body: NotificationBody): ProviderNotification | null {
  const said = { provider, id: body.id, occurredAt: new Date(body.timestamp) } as const;
  switch (body.type) {
    case 'outcome': {
      const { operation, key } = body.data;
      return { ...said, kind: 'outcome', operation, key, outcome: outcomeFrom(body.data) };
    }
    case 'returned': {
      const { chargeRef, code, amountMinor, currency, returnedOn } = body.data;
      const amount = { amountMinor: BigInt(amountMinor), currency };
      return { ...said, kind: 'returned', scheme: 'ach', chargeRef, code, ...amount, returnedOn };
    }
    case 'dispute': {
      const { disputeRef, chargeRef, state, reasonCode, currency, decidedOn, evidenceDueAt } = body.data;
      return {
        ...{
          ...said,
          kind: 'dispute',
          stage: 'chargeback',
          disputeRef,
          chargeRef,
          state,
          reasonCode,
          currency,
          decidedOn,
        },
        amountMinor: BigInt(body.data.amountMinor),
        feeMinor: BigInt(body.data.feeMinor),
        evidenceDueAt: evidenceDueAt === null ? null : new Date(evidenceDueAt),
      };
    }
    case 'method': {
      const { token, instrument } = body.data;
      return {
        ...said,
        kind: 'method',
        change: 'updated',
        token,
        instrument: instrumentFrom(instrument),
        reason: null,
      };
    }
    default:
      if (typeof (body as { type: unknown }).type !== 'string') throw new TypeError('it has no type');
      return null;
  }
}
