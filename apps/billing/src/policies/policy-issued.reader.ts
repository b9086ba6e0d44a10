import { Problem } from '@quittance/service-kit/http/problem';
import { validated } from '@quittance/service-kit/http/validation';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import type { PolicyTerms } from '../domain/policy.ts';
import { PolicyIssuedDto, termsOf } from './policy.dto.ts';

/**
 * What a policy system published, by the rules of `POST /policies`.
 * @throws PoisonError that names every wrong field: no retry makes it right
 */
export async function readPolicyIssued(data: unknown): Promise<{ locator: string; terms: PolicyTerms }> {
  try {
    const dto = await validated(PolicyIssuedDto, data);
    return { locator: dto.policyLocator.toLowerCase(), terms: termsOf(dto) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fields = (error.extra.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
    throw new PoisonError(`invalid_policy: ${fields.join('; ')}`);
  }
}
