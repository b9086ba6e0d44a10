import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { suspenseStates } from './suspense-item.view.ts';
import type { FoundOwner, SuspenseState, SuspenseView } from './suspense-item.view.ts';

export class ApplySuspenseItemDto {
  @ApiPropertyOptional({ maxLength: 64, description: 'One of the three says whose it is' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  invoiceLocator?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyLocator?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyholderLocator?: string;

  static toOwner({ invoiceLocator, policyLocator, policyholderLocator }: ApplySuspenseItemDto): FoundOwner {
    const named = Object.entries({ invoiceLocator, policyLocator, policyholderLocator });
    const given = named.filter(([, value]) => value !== undefined);
    if (given.length === 1) return Object.fromEntries(given);
    const detail = 'exactly one of invoiceLocator, policyLocator and policyholderLocator is needed';
    throw invalidRequest([{ pointer: given[1] ? `/${given[1][0]}` : '', detail }]);
  }
}

export class SuspenseItemsQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: suspenseStates })
  @IsOptional()
  @IsIn(suspenseStates)
  state?: SuspenseState;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID('all')
  paymentLocator?: string;
}

export class SuspenseItemDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: suspenseStates }) state: SuspenseState;
  @ApiProperty({ format: 'uuid' }) paymentLocator: string;
  @ApiProperty({ example: '100.00' }) amount: string;
  @ApiProperty() currency: string;
  @ApiProperty({ description: 'Why nobody was known to own it' }) reason: string;
  @ApiProperty({
    ...{ type: 'object', additionalProperties: { type: 'string' } },
    description: 'What the payment named: who looks for its owner starts here',
  })
  clues: Record<string, string>;
  @ApiProperty({ format: 'date' }) receivedOn: string;
  @ApiPropertyOptional({ format: 'date', description: 'When it had been here for long' }) agedOn?: string;
  @ApiProperty({ format: 'date-time' }) openedAt: string;

  static from(item: SuspenseView): SuspenseItemDto {
    const { id, state, paymentLocator, amountMinor, currency, reason, clues, receivedOn, agedOn, openedAt } = item;
    return {
      ...{ id, state, paymentLocator, amount: formatAmount({ minor: amountMinor, currency }), currency, reason },
      clues: Object.fromEntries(Object.entries(clues).filter(([, clue]) => typeof clue === 'string')),
      receivedOn,
      ...(agedOn === null ? {} : { agedOn }),
      openedAt: openedAt.toISOString(),
    };
  }
}

export class SuspenseItemPageDto {
  @ApiProperty({ type: () => [SuspenseItemDto] }) items: SuspenseItemDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
