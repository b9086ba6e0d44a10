import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { Type } from 'class-transformer';
import { ArrayNotEmpty, ArrayUnique, IsArray, IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { IsDefined, ValidateNested } from 'class-validator';
import { holdSources, holdStates, holdTargets } from '../domain/hold.ts';
import type { Hold, HoldSource, HoldState, HoldTarget, HoldTerms } from '../domain/hold.ts';
import { IfPresent, IsCalendarDate, IsLaterThan } from '../policies/policy.validators.ts';

/** One policy, or all that fit each filter that is given. */
export class HoldScopeDto {
  @ApiPropertyOptional({ format: 'uuid' })
  @IfPresent()
  @IsUUID('all')
  policyLocator?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  jurisdiction?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  line?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  producerId?: string;
}

export class PlaceHoldDto {
  @ApiProperty({ type: () => HoldScopeDto })
  @IsDefined()
  @ValidateNested()
  @Type(() => HoldScopeDto)
  scope: HoldScopeDto;

  @ApiProperty({ enum: holdTargets, isArray: true })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(holdTargets, { each: true })
  targets: HoldTarget[];

  @ApiPropertyOptional({ format: 'date', description: 'Today, by the calendar of the policy, where it is not given' })
  @IfPresent()
  @IsCalendarDate()
  startsOn?: string;

  @ApiPropertyOptional({ format: 'date', description: 'The first date that is not held any more' })
  @IfPresent()
  @IsCalendarDate()
  @IsLaterThan('startsOn')
  endsOn?: string;

  @ApiProperty({ maxLength: 500 })
  @IsString()
  @Length(1, 500)
  reason: string;

  static toTerms({ scope, targets, startsOn, endsOn, reason }: PlaceHoldDto): HoldTerms {
    const { policyLocator, jurisdiction, line, producerId } = scope;
    // A slip of a key should not stop a whole book of business.
    if ((policyLocator ?? jurisdiction ?? line ?? producerId) === undefined) {
      throw invalidRequest([{ pointer: '/scope', detail: 'must name a policy or a filter' }]);
    }
    return {
      policyLocator: policyLocator?.toLowerCase() ?? null,
      ...{ jurisdiction: jurisdiction ?? null, line: line ?? null, producerId: producerId ?? null },
      ...{ targets, startsOn: startsOn ?? null, endsOn: endsOn ?? null, reason },
    };
  }
}

export class HoldsQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: holdStates })
  @IsOptional()
  @IsIn(holdStates)
  state?: HoldState;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID('all')
  policyLocator?: string;
}

export class HoldDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: holdSources }) source: HoldSource;
  @ApiProperty({ enum: holdStates }) state: HoldState;
  @ApiProperty({ type: () => HoldScopeDto }) scope: HoldScopeDto;
  @ApiProperty({ enum: holdTargets, isArray: true }) targets: HoldTarget[];
  @ApiProperty({ format: 'date' }) startsOn: string;
  @ApiPropertyOptional({ format: 'date' }) endsOn?: string;
  @ApiProperty() reason: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from(hold: Hold): HoldDto {
    const { id, source, state, policyLocator, jurisdiction, line, producerId, startsOn, endsOn, reason } = hold;
    return {
      ...{ id, source, state },
      scope: {
        ...(policyLocator === null ? {} : { policyLocator }),
        ...(jurisdiction === null ? {} : { jurisdiction }),
        ...(line === null ? {} : { line }),
        ...(producerId === null ? {} : { producerId }),
      },
      ...{ targets: [...hold.targets], startsOn, ...(endsOn === null ? {} : { endsOn }), reason },
      createdAt: hold.createdAt.toISOString(),
    };
  }
}

export class HoldPageDto {
  @ApiProperty({ type: () => [HoldDto] }) items: HoldDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
