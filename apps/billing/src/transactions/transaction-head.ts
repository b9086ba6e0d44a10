import { newId } from '@quittance/service-kit/id';
import { createHash } from 'node:crypto';
import type { Policy } from '../domain/policy.ts';
import { localDate } from '../domain/zone.ts';
import { requestText } from '../domain/transaction.ts';
import type { TransactionRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';

export interface HeadAbout {
  readonly request: TransactionRequest;
  readonly transactionId?: string;
  readonly number: number;
  readonly now: Date;
}

/** A transaction before it is decided what it does. Which term it is of is known once that was read. */
export function headOf(
  { policy }: { policy: Policy },
  { request, transactionId, number, now }: HeadAbout,
): PolicyTransaction {
  const text = requestText(request);
  return {
    tenantId: policy.tenantId,
    id: transactionId ?? newId(),
    policyLocator: policy.locator,
    number,
    type: request.type,
    state: 'applied',
    effectiveDate: 'effectiveDate' in request ? request.effectiveDate : localDate(now, policy.timeZone),
    termNumber: 1,
    request: JSON.parse(text) as Record<string, unknown>,
    contentHash: createHash('sha256').update(text).digest(),
    invalidates: request.type === 'invalidation' ? request.transactionId : null,
    version: 1,
    createdAt: now,
  };
}
