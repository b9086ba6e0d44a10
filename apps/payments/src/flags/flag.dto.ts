import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { resolutions } from '../domain/flag.ts';
import type { RaisedFlag, Resolution } from '../domain/flag.ts';
import { flagReasons } from '../domain/payment.ts';
import type { Flag } from '../domain/payment.ts';
import { present } from '../payments/payment-event.ts';

const states = ['open', 'resolved'] as const;
type FlagState = (typeof states)[number];

export class FlagsQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: states })
  @IsOptional()
  @IsIn(states, { message: `must be one of ${states.join(', ')}` })
  state?: FlagState;

  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be a payment locator' })
  paymentLocator?: string;
}

export class ResolveFlagDto {
  @ApiProperty({
    enum: resolutions,
    description: '`accept_confirmed` also posts the amount that the provider confirmed, to suspense.',
  })
  @IsIn(resolutions, { message: `must be one of ${resolutions.join(', ')}` })
  resolution: Resolution;
}

export class FlagDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  paymentLocator: string;
  @ApiProperty({ enum: flagReasons })
  reason: Flag['reason'];
  @ApiProperty({ enum: states })
  state: FlagState;
  @ApiPropertyOptional({ type: String, description: 'The amount in question, where it is not the whole payment.' })
  amount?: string;
  @ApiPropertyOptional({ type: String })
  currency?: string;
  @ApiPropertyOptional({ type: String })
  detail?: string;
  @ApiProperty({ format: 'date-time' })
  openedTimestamp: string;
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  resolvedTimestamp?: string;
  @ApiPropertyOptional({ enum: resolutions })
  resolution?: Resolution;
  @ApiPropertyOptional({ type: String, description: 'The client that resolved it.' })
  resolvedBy?: string;

  static from(flag: RaisedFlag): FlagDto {
    const { id, paymentId, reason, amountMinor, currency, detail, resolution, resolvedBy } = flag;
    const isWhole = amountMinor !== null && currency !== null;
    return Object.assign(new FlagDto(), {
      ...{ id, paymentLocator: paymentId, reason, state: flag.resolvedAt ? 'resolved' : 'open' },
      ...present({ detail, currency, resolution, resolvedBy }),
      ...(isWhole ? { amount: formatAmount({ minor: amountMinor, currency }) } : {}),
      openedTimestamp: flag.openedAt.toISOString(),
      ...present({ resolvedTimestamp: flag.resolvedAt?.toISOString() ?? null }),
    });
  }
}

export class FlagPageDto {
  @ApiProperty({ type: [FlagDto] })
  items: FlagDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
