import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { FoundReturn } from './return-item.ts';

const types = {
  returned: 'return.detected',
  dishonoured: 'return.dishonoured',
  contested: 'return.contested',
} as const;

/** Said once the payment is known; what moves no money, or paid it out, is no return of a payment. */
export function returnEvent(found: FoundReturn, time: Date, cause?: QuittanceEvent): NewEvent[] {
  const { tenantId, id, kind, paymentLocator, direction } = found;
  if (paymentLocator === null || direction !== 'debit' || kind === 'enrolment' || kind === 'change') return [];
  const data = {
    ...{ returnId: id, fileId: found.fileId, paymentLocator, scheme: 'ach' as const, code: found.code },
    ...{ family: found.family, originalTrace: found.originalTrace, effectiveDate: found.effectiveOn },
    amount: toWire({ minor: found.amount, currency: found.currency }),
  };
  return [{ type: types[kind], tenantId, subject: id, sequence: 1, data, time, cause }];
}

export function changeEvent(found: FoundReturn, methods: ReadonlyMap<string, string>, time: Date): NewEvent[] {
  const { tenantId, id, kind, paymentLocator } = found;
  if (kind !== 'change') return [];
  const paymentMethodId = paymentLocator === null ? undefined : methods.get(paymentLocator);
  const data = {
    ...{ noticeId: id, fileId: found.fileId, code: found.code, originalTrace: found.originalTrace },
    effectiveDate: found.effectiveOn,
    ...(paymentLocator === null ? {} : { paymentLocator }),
    ...(paymentMethodId === undefined ? {} : { paymentMethodId }),
  };
  return [{ type: 'notice_of_change.received', tenantId, subject: id, sequence: 1, data, time }];
}
