import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  Matches,
} from 'class-validator';
import { differenceReasons } from '../domain/manual-match.ts';
import type { DifferenceReason } from '../domain/manual-match.ts';
import type { ReconSet } from '../domain/item.ts';
import { reconSets } from '../domain/match-rules.ts';
import { SetQuery } from './item.dto.ts';
import { matchStates } from './match.ts';
import type { Match, MatchState } from './match.ts';

export class MatchesQuery extends SetQuery {
  @ApiPropertyOptional({ enum: matchStates })
  @IsOptional()
  @IsIn(matchStates)
  state?: MatchState;
}

export class CreateMatchDto {
  @ApiProperty({
    type: [String],
    minItems: 2,
    maxItems: 1000,
    description: 'Ids of `GET /recon-items`, of both sides.',
  })
  @IsArray()
  @ArrayMinSize(2)
  @ArrayMaxSize(1000)
  @Matches(/^\d{1,18}$/, { each: true, message: 'each must be the id of an item' })
  items: string[];

  @ApiPropertyOptional({ enum: differenceReasons, description: 'Needed where the sides do not come to the same.' })
  @IsOptional()
  @IsIn(differenceReasons)
  differenceReason?: DifferenceReason;

  @ApiPropertyOptional({ type: String, maxLength: 500 })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  note?: string;
}

export class RejectDto {
  @ApiProperty({ maxLength: 500 })
  @IsString()
  @Length(1, 500)
  reason: string;
}

export class UnmatchDto extends RejectDto {
  @ApiPropertyOptional({ type: Boolean, default: true, description: 'Never find these two sides at each other again.' })
  @IsOptional()
  @IsBoolean()
  reject?: boolean;
}

export class MatchDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: reconSets })
  set: ReconSet;
  @ApiProperty({ example: 'reference', description: 'The pass of a run that found it, or `manual`.' })
  rule: string;
  @ApiProperty({ type: 'integer' })
  score: number;
  @ApiProperty({ enum: matchStates })
  state: MatchState;
  @ApiProperty({ example: '24.72', description: 'What side A comes to.' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ example: '0.00', description: 'Side A less side B.' })
  difference: string;
  @ApiProperty({ enum: differenceReasons, nullable: true })
  differenceReason: DifferenceReason | null;
  @ApiProperty({ type: [String], description: 'Ids of the items of both sides.' })
  items: string[];
  @ApiProperty({ type: String, nullable: true, description: 'The client that made it; null: a run.' })
  createdBy: string | null;
  @ApiProperty({ type: String, nullable: true })
  confirmedBy: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Who took it back, or declined it.' })
  endedBy: string | null;
  @ApiProperty({ type: String, nullable: true })
  reason: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from(match: Match): MatchDto {
    const { id, set, rule, score, state, amount, diffMinor: minor, diffReason, createdBy, confirmedBy } = match;
    const { currency } = amount;
    return Object.assign(new MatchDto(), {
      ...{ id, set, rule, score, state, amount: formatAmount(amount), currency, createdBy, confirmedBy },
      ...{ difference: formatAmount({ minor, currency }), differenceReason: diffReason },
      ...{ items: [...match.aItems, ...match.bItems], endedBy: match.endedBy, reason: match.reason },
      createdAt: match.createdAt.toISOString(),
    });
  }
}

export class MatchPageDto {
  @ApiProperty({ type: [MatchDto] })
  items: MatchDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
