import type { PolicyTerms } from '../domain/policy.ts';
import { readOrPoison } from '../poison.ts';
import { PolicyIssuedDto, termsOf } from './policy.dto.ts';

/**
 * What a policy system published, by the rules of `POST /policies`.
 * @throws PoisonError that names every wrong field: no retry makes it right
 */
export async function readPolicyIssued(data: unknown): Promise<{ locator: string; terms: PolicyTerms }> {
  const dto = await readOrPoison('invalid_policy', PolicyIssuedDto, data);
  return { locator: dto.policyLocator.toLowerCase(), terms: termsOf(dto) };
}
