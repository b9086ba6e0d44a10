import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import type { Money } from '@quittance/money/money';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Credit, MoneyKind } from '../domain/credit.ts';
import { keyOf } from '../domain/identity.ts';
import { destinationOf } from '../domain/receipt.ts';
import type { Destination, PaymentReferences } from '../domain/receipt.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { Occasion } from './occasion.ts';
import { ReceivedPaymentRepository } from './received-payment.repository.ts';
import { ReferenceRepository } from './reference.repository.ts';

export type PostedPayment = QuittanceEvent<'payment.posted'>;

/** Money that came in, and for whom it is. */
export interface Receipt {
  readonly tenantId: string;
  readonly locator: string;
  readonly kind: MoneyKind;
  /** Set where it is no payment. */
  readonly credit: Credit | null;
  readonly amount: Money;
  readonly named: PaymentReferences;
  readonly destination: Destination;
  /** The instalment's collection attempt that it settles. */
  readonly attempt: { readonly instalmentId: string; readonly attemptNo: number } | null;
  readonly effectiveDate: CalendarDate;
  readonly occasion: Occasion;
}

@Injectable()
export class ReceiptsService {
  constructor(
    private readonly received: ReceivedPaymentRepository,
    private readonly references: ReferenceRepository,
    private readonly time: TenantTime,
  ) {}

  /** Receipts for the payments that were not received before: a payment counts once, however often it is told. */
  async read(tx: Tx, events: readonly PostedPayment[]): Promise<Receipt[]> {
    const once = [...new Map(events.map((event) => [keyOf(paymentKey(event)), event])).values()];
    const known = await this.received.lock(tx, once.map(paymentKey));
    const seen = new Set(known.map(({ tenantId, locator }) => keyOf({ tenantId, id: locator })));
    const fresh = once.filter((event) => !seen.has(keyOf(paymentKey(event))));
    if (fresh.length === 0) return [];
    const [found, nowOf] = await Promise.all([
      this.references.resolve(
        tx,
        fresh.map((event) => ({
          tenantId: event.tenantid,
          currency: event.data.amount.currency,
          ...namedBy(event),
        })),
      ),
      this.time.of(
        tx,
        fresh.map(({ tenantid }) => tenantid),
      ),
    ]);
    return fresh.map((event, index): Receipt => {
      const { tenantid: tenantId, data } = event;
      const known = found[index] ?? { policyholderIsKnown: false, policyLocators: [], timeZone: null };
      const amount = fromWire(data.amount);
      const named = namedBy(event);
      return {
        tenantId,
        locator: data.locator,
        kind: 'payment',
        credit: null,
        amount,
        named,
        ...(data.toSuspense
          ? { destination: { kind: 'suspense', reason: 'unexpected' }, attempt: null }
          : { destination: destinationOf(named, known, amount.currency), attempt: attemptOf(event) }),
        effectiveDate: data.effectiveDate ?? data.receivedDate ?? localDate(nowOf(tenantId), known.timeZone ?? 'UTC'),
        occasion: { time: nowOf(tenantId), cause: event },
      };
    });
  }
}

function paymentKey({ tenantid, data }: PostedPayment): { tenantId: string; id: string } {
  return { tenantId: tenantid, id: data.locator };
}

function namedBy({ data }: PostedPayment): PaymentReferences {
  const { source, invoiceLocator, statementLocator, policyLocator, policyholderLocator } = data;
  const instalmentId = source?.type === 'instalment' ? source.id : undefined;
  return { instalmentId, invoiceLocator, statementLocator, policyLocator, policyholderLocator };
}

function attemptOf({ data: { source } }: PostedPayment): Receipt['attempt'] {
  return source?.type === 'instalment' ? { instalmentId: source.id, attemptNo: source.attempt } : null;
}
