import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min, ValidateIf } from 'class-validator';
import type { Endpoint } from '../domain/endpoint.ts';
import { orderings } from '../domain/ordering.ts';
import type { Ordering } from '../domain/ordering.ts';

const rateMax = 10_000;
const concurrencyMax = 256;

const orderingText =
  'Whether the events of one subject come one after the other. `key_block`: one that fails holds up those after it ' +
  'until it is delivered or given up. `key_skip`: it is tried again out of line. A change counts for later events.';
const rateText = 'Requests a second, at most; a second’s worth may come at once. null: no limit.';
const concurrencyText = 'Requests under way at once, at most.';

const IfPresent = () => ValidateIf((_, value) => value !== undefined);

/** How fast and in which order an endpoint is sent what it gets. */
export class EndpointFlowSettingsDto {
  @ApiPropertyOptional({ enum: orderings, default: 'none', description: orderingText })
  @IfPresent()
  @IsIn(orderings, { message: `must be one of ${orderings.join(', ')}` })
  ordering?: Ordering;

  @ApiPropertyOptional({ type: Number, nullable: true, minimum: 1, maximum: rateMax, description: rateText })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(rateMax)
  ratePerSecond?: number | null;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: concurrencyMax, default: 32, description: concurrencyText })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(concurrencyMax)
  maxConcurrency?: number;
}

export class EndpointFlowDto {
  @ApiProperty({ enum: orderings, description: orderingText })
  ordering: string;

  @ApiProperty({ type: Number, nullable: true, description: rateText })
  ratePerSecond: number | null;

  @ApiProperty({ description: concurrencyText })
  maxConcurrency: number;

  @ApiProperty({
    ...{ type: String, format: 'date-time', nullable: true },
    description: 'It failed too often since then and is only probed until it answers well again.',
  })
  breakerOpenedAt: string | null;

  static of({ ordering, ratePerSecond, maxConcurrency, breakerOpenedAt }: Endpoint): EndpointFlowDto {
    return { ordering, ratePerSecond, maxConcurrency, breakerOpenedAt: breakerOpenedAt?.toISOString() ?? null };
  }
}
