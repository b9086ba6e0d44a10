import { isUuid } from '@quittance/service-kit/http/path-id';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import type { PartyChangeRequest } from '../domain/transaction.ts';
import { readOrPoison } from '../poison.ts';
import { partyChangesOf, PolicyPartyChangedDto } from '../policies/policy-parties.dto.ts';
import { PolicyTransactionDto } from './transaction.dto.ts';

type TransactionType = PolicyTransactionDto['type'];

/** What a policy system published of a transaction. */
export interface ToldTransaction {
  readonly policyLocator: string;
  /** The sender's id of it. */
  readonly transactionId: string;
  readonly dto: PolicyTransactionDto;
}

/**
 * By the rules of `POST /policies/{locator}/transactions`. Of an invalidation the id is that of what is undone, so that
 * it is known by the event that says so.
 * @throws PoisonError that names every wrong field: no retry makes it right
 */
export async function readTransaction(type: TransactionType, eventId: string, data: unknown): Promise<ToldTransaction> {
  const { policyLocator, transactionId, reason, ...body } = objectOf(data);
  const isInvalidation = type === 'invalidation';
  const ids = { policyLocator, transactionId };
  const missing = Object.entries(ids).filter(([, value]) => typeof value !== 'string' || !isUuid(value));
  if (missing.length > 0) {
    throw new PoisonError(`invalid_policy: ${missing.map(([name]) => `/${name} must be a UUID`).join('; ')}`);
  }
  const own = isInvalidation ? { transactionId } : { ...(reason === undefined ? {} : { reason }) };
  return {
    policyLocator: String(policyLocator).toLowerCase(),
    transactionId: isInvalidation ? eventId : String(transactionId).toLowerCase(),
    dto: await readOrPoison('invalid_policy', PolicyTransactionDto, { ...body, ...own, type }),
  };
}

/**
 * By the rules of `PATCH /policies/{locator}`.
 * @throws PoisonError that names every wrong field
 */
export async function readPartyChange(data: unknown) {
  const dto = await readOrPoison('invalid_policy', PolicyPartyChangedDto, data);
  const { policyLocator, transactionId, policyVersion } = dto;
  return {
    policyLocator: policyLocator.toLowerCase(),
    transactionId: transactionId.toLowerCase(),
    policyVersion,
    requestIn: (): PartyChangeRequest => ({ type: 'party_change', parties: partyChangesOf(dto) }),
  };
}

function objectOf(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}
