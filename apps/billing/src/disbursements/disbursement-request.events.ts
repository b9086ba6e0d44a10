import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { DisbursementRequest } from '../domain/disbursement-request.ts';

/** Its sequence is the version of the request. */
export function disbursementRequestEvent(
  type: 'disbursement_request.created' | 'disbursement_request.returned',
  request: DisbursementRequest,
  occasion: Occasion,
): NewEvent {
  const { tenantId, id: subject, version: sequence } = request;
  return { type, tenantId, subject, sequence, data: dataOf(request), ...occasion };
}

function dataOf(request: DisbursementRequest): EventData<'disbursement_request.created'> {
  const { id, source, amountMinor, currency, payeeType, payeeLocator, method, reason, createdAt } = request;
  const isPolicys = source.type === 'unapplied' && source.ownerType === 'policy';
  return {
    requestId: id,
    payeeType,
    ...(payeeLocator === null ? {} : { payeeLocator }),
    ...(isPolicys ? { policyLocator: source.ownerLocator } : {}),
    amount: toWire({ minor: amountMinor, currency }),
    source: source.type === 'suspense' ? { type: 'suspense', id: source.suspenseId } : { type: 'unapplied' },
    ...(method === null ? {} : { method }),
    ...(reason === null ? {} : { reason }),
    createdTimestamp: createdAt.toISOString(),
  };
}
