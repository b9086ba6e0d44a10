import { newId } from '@quittance/service-kit/id';
import { displayIdOf } from '../domain/display-id.ts';
import type { PaymentInput } from './payment-request.ts';

/** What a caller asked for, with an identity. */
export function newPayment(tenantId: string, input: PaymentInput, now: Date) {
  const id = newId();
  return { ...input, tenantId, id, displayId: displayIdOf(id), channel: 'api', now } as const;
}
