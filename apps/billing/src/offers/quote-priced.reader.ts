import { Problem } from '@quittance/service-kit/http/problem';
import { validated } from '@quittance/service-kit/http/validation';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import type { PricedTerms } from '../domain/policy.ts';
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
  try {
    const dto = await validated(QuotePricedDto, data);
    return { id: dto.quoteId, terms: pricedTermsOf(dto) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fields = (error.extra.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
    throw new PoisonError(`invalid_quote: ${fields.join('; ')}`);
  }
}
