import { PickType } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { chargeOf, IssuePolicyDto } from '../policies/policy.dto.ts';
import type { PricedTerms } from '../domain/policy.ts';
import { IsTimeZoneName } from '../policies/policy.validators.ts';

/** The data of `policy.quote_priced`: what of `POST /policies` decides by which plans it may be paid. */
export class QuotePricedDto extends PickType(IssuePolicyDto, [
  'currency',
  'jurisdiction',
  'line',
  'effectiveDate',
  'expirationDate',
  'dueDay',
  'charges',
] as const) {
  @IsString()
  @Length(1, 64)
  quoteId: string;

  /** UTC where nobody says. */
  @IsOptional()
  @IsTimeZoneName()
  timeZone?: string;
}

export function pricedTermsOf(dto: QuotePricedDto): PricedTerms {
  const { currency, timeZone = 'UTC', jurisdiction = null, effectiveDate, expirationDate, dueDay = null } = dto;
  const charges = dto.charges.map((charge) => chargeOf(charge, currency));
  return { currency, timeZone, jurisdiction, effectiveDate, expirationDate, dueDay, charges };
}
