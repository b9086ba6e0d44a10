import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { channelLengthMax, isChannel } from '../domain/channels.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import type { FilterDocument } from '../domain/filter.ts';

const modes = ['full', 'thin'] as const;
const example = { 'data.channel': { $in: ['api', 'link'] }, 'data.amount.amountMinor': { $gte: 10_000 } };

export function AreChannels(): PropertyDecorator {
  const validate = (value: unknown) => !Array.isArray(value) || value.every(isChannel);
  const defaultMessage = () => `must be texts of 1 to ${channelLengthMax} characters without control characters`;
  return ValidateBy({ name: 'areChannels', validator: { validate, defaultMessage } });
}

const IfPresent = () => ValidateIf((_, value) => value !== undefined);

/** Which of the events of its types an endpoint is sent, and in what shape. */
export class MatchingSettingsDto {
  @ApiPropertyOptional({
    ...{ type: [String], nullable: true, minItems: 1, maxItems: 10, example: ['producer:PR-1'] },
    description: 'Only what bears one of these channels. Absent or null: everything.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @AreChannels()
  channels?: string[] | null;

  @ApiPropertyOptional({
    ...{ type: Object, nullable: true, example, additionalProperties: true },
    description:
      'Only what this holds of: paths into `type, timestamp, id, sequence, data` with a value or an operator, at ' +
      'most 8 deep and 4 KB. Operators: `$eq $ne $in $nin $gt $gte $lt $lte $exists $startsWith $endsWith ' +
      '$contains $and $or $not`. Null: everything.',
  })
  @IsOptional()
  @IsObject()
  filter?: FilterDocument | null;

  @ApiPropertyOptional({
    ...{ enum: modes, default: 'full' },
    description: '`thin`: of `data` the ids and the path of the `resource`. Counts for what is queued, too.',
  })
  @IfPresent()
  @IsIn(modes, { message: `must be one of ${modes.join(', ')}` })
  contentMode?: (typeof modes)[number];

  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 1 },
    description: 'The version of every type that is sent, of `GET /event-types`. Absent at creation: the current one.',
  })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(999)
  payloadVersion?: number;
}

export class MatchingViewDto {
  @ApiProperty({ type: [String], nullable: true, description: 'null: whatever channels an event has.' })
  channels: readonly string[] | null;

  @ApiProperty({ type: Object, nullable: true, additionalProperties: true })
  filter: FilterDocument | null;

  @ApiProperty({ enum: modes })
  contentMode: (typeof modes)[number];

  @ApiProperty({ type: 'integer' })
  payloadVersion: number;

  static of(settings: Pick<Endpoint, 'channels' | 'filter' | 'contentMode' | 'payloadVersion'>): MatchingViewDto {
    const { channels, filter, contentMode, payloadVersion } = settings;
    return { channels, filter, contentMode, payloadVersion };
  }
}
