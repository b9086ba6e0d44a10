import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsPositive, IsString, IsUUID, Length, ValidateIf } from 'class-validator';
import { DomainError } from '../domain/errors.ts';
import { billingMethods, collections } from '../domain/policy.ts';
import type { BillingMethod, Collection } from '../domain/policy.ts';
import { partyFields } from '../domain/policy-parties.ts';
import type { PartyChanges } from '../domain/policy-parties.ts';

const isSaid = (_body: object, value: unknown) => value !== undefined;
const party = { maxLength: 64, nullable: true, type: String } as const;

/** `PATCH /policies/{locator}`: what is absent stays as it is, null takes it away. */
export class ChangePartiesDto {
  @ApiPropertyOptional({
    maxLength: 64,
    description: 'Who owes what is owed of it from now on, what was billed before included',
  })
  @Length(1, 64)
  @IsString()
  @ValidateIf(isSaid)
  policyholderLocator?: string;

  @ApiPropertyOptional({ enum: billingMethods })
  @IsIn(billingMethods)
  @ValidateIf(isSaid)
  billingMethod?: BillingMethod;

  @ApiPropertyOptional({ enum: collections })
  @IsIn(collections)
  @ValidateIf(isSaid)
  collection?: Collection;

  @ApiPropertyOptional({ ...party, description: 'For every charge from the next one on' })
  @Length(1, 64)
  @IsString()
  @IsOptional()
  paymentMethodId?: string | null;

  @ApiPropertyOptional({ ...party, description: 'Whose commission the next term is; that of a term begun stays' })
  @Length(1, 64)
  @IsString()
  @IsOptional()
  producerId?: string | null;

  @ApiPropertyOptional({ ...party, description: 'To whom return premium of a financed policy goes' })
  @Length(1, 64)
  @IsString()
  @IsOptional()
  financerId?: string | null;

  @ApiPropertyOptional({ ...party, description: 'Who lent on what is insured' })
  @Length(1, 64)
  @IsString()
  @IsOptional()
  mortgageeId?: string | null;

  @ApiPropertyOptional({ description: 'The version of the policy that you know; another one is 409' })
  @IsPositive()
  @IsInt()
  @IsOptional()
  policyVersion?: number;
}

/** The data of `policy.party_changed`. */
export class PolicyPartyChangedDto extends ChangePartiesDto {
  @IsUUID('all')
  policyLocator: string;

  @IsUUID('all')
  transactionId: string;
}

/** @throws DomainError `invalid_policy` where nothing is changed */
export function partyChangesOf(dto: ChangePartiesDto): PartyChanges {
  const said = partyFields.filter((field) => dto[field] !== undefined);
  if (said.length === 0) {
    const errors = [{ pointer: '', detail: `must name at least one of ${partyFields.join(', ')}` }];
    throw new DomainError('invalid_policy', 'Nothing is changed.', { errors });
  }
  return Object.fromEntries(said.map((field) => [field, dto[field]]));
}
