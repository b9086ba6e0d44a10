import type { PricedTerms } from '../domain/policy.ts';
import { readOrPoison } from '../poison.ts';
import { pricedTermsOf, QuotePricedDto } from './quote-priced.dto.ts';

export interface PricedQuote {
  /** The sender's. */
  readonly id: string;
  readonly terms: PricedTerms;
}

/**
 * By the rules of `POST /schedules/preview`.
 * @throws PoisonError that names every wrong field: no retry makes it right
 */
export async function readQuotePriced(data: unknown): Promise<PricedQuote> {
  const dto = await readOrPoison('invalid_quote', QuotePricedDto, data);
  return { id: dto.quoteId, terms: pricedTermsOf(dto) };
}
