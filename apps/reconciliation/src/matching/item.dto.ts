import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional } from 'class-validator';
import type { ReconSet } from '../domain/item.ts';
import { reconSets } from '../domain/match-rules.ts';
import type { Item, Suggestion } from './match.ts';

export class ItemsQuery extends CursorQuery {
  @ApiProperty({ enum: reconSets })
  @IsIn(reconSets, { message: `must be one of ${reconSets.join(', ')}` })
  set: ReconSet;

  @ApiProperty({ enum: ['A', 'B'] })
  @IsIn(['A', 'B'])
  side: 'A' | 'B';
}

export class SetQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: reconSets })
  @IsOptional()
  @IsIn(reconSets, { message: `must be one of ${reconSets.join(', ')}` })
  set?: ReconSet;
}

export class ItemSourceDto {
  @ApiProperty({ example: 'bank_line' })
  type: string;
  @ApiProperty()
  id: string;
}

export class ItemDto {
  @ApiProperty({ example: '4711' })
  id: string;
  @ApiProperty({ enum: reconSets })
  set: ReconSet;
  @ApiProperty({ enum: ['A', 'B'] })
  side: 'A' | 'B';
  @ApiProperty({ type: ItemSourceDto })
  source: ItemSourceDto;
  @ApiProperty({ example: '24.72', description: 'Negative for what goes out.' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ format: 'date' })
  datedOn: string;
  @ApiProperty({ type: String, nullable: true, description: 'Without case, punctuation and leading zeros.' })
  reference: string | null;
  @ApiProperty({ type: String, nullable: true })
  batchReference: string | null;
  @ApiProperty({ enum: ['open', 'matched', 'withdrawn'] })
  state: Item['state'];

  static from({ id, set, side, source, amount, datedOn, reference, batchReference, state }: Item): ItemDto {
    const { currency } = amount;
    const members = { id, set, side, source, amount: formatAmount(amount), currency, datedOn, reference };
    return Object.assign(new ItemDto(), { ...members, batchReference, state });
  }
}

export class ItemPageDto {
  @ApiProperty({ type: [ItemDto] })
  items: ItemDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class SuggestionDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: reconSets })
  set: ReconSet;
  @ApiProperty({ example: 'amount_date' })
  rule: string;
  @ApiProperty({ type: 'integer', description: 'The higher, the surer.' })
  score: number;
  @ApiProperty({ example: '0.00', description: 'Side A less side B.' })
  difference: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ type: [String], description: 'For `POST /matches`.' })
  items: string[];
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What speaks for it.' })
  evidence: Readonly<Record<string, unknown>>;

  static from({ id, set, rule, score, currency, diffMinor: minor, aItems, bItems, evidence }: Suggestion) {
    const difference = formatAmount({ minor, currency });
    const members = { id, set, rule, score, difference, currency, items: [...aItems, ...bItems], evidence };
    return Object.assign(new SuggestionDto(), members);
  }
}

export class SuggestionPageDto {
  @ApiProperty({ type: [SuggestionDto] })
  items: SuggestionDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
