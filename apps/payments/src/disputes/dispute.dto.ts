import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { disputeStages, disputeStates } from '../domain/dispute.ts';
import type { Dispute, DisputeStage, DisputeState } from '../domain/dispute.ts';
import { present } from '../payments/payment-event.ts';

const timestamp = { type: String, format: 'date-time' } as const;

export class DisputesQuery extends CursorQuery {
  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be a payment locator' })
  paymentLocator?: string;

  @ApiPropertyOptional({ enum: disputeStates })
  @IsOptional()
  @IsIn(disputeStates, { message: `must be one of ${disputeStates.join(', ')}` })
  state?: DisputeState;
}

export class DisputeDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  paymentLocator: string;
  @ApiProperty({ enum: disputeStages })
  stage: DisputeStage;
  @ApiProperty({ enum: disputeStates })
  state: DisputeState;
  @ApiProperty({ example: '25.67' })
  amount: string;
  @ApiProperty({ example: '15.00', description: 'What the provider takes for it.' })
  fee: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ example: 'fraudulent' })
  reasonCode: string;
  @ApiPropertyOptional({ ...timestamp, description: 'Until when evidence can be handed in.' })
  evidenceDueTimestamp?: string;
  @ApiPropertyOptional({ type: String, description: 'What went out beyond the payment, when it was lost.' })
  doubleRecovery?: string;
  @ApiPropertyOptional({ type: String, format: 'date', description: 'The business date of the outcome.' })
  effectiveDate?: string;
  @ApiProperty(timestamp)
  createdTimestamp: string;
  @ApiProperty(timestamp)
  updatedTimestamp: string;
  @ApiPropertyOptional(timestamp)
  finishedTimestamp?: string;

  static from(dispute: Dispute): DisputeDto {
    const { id, paymentId, stage, state, currency, reasonCode, doubleRecoveryMinor } = dispute;
    const format = (minor: bigint) => formatAmount({ minor, currency });
    return Object.assign(new DisputeDto(), {
      ...{ id, paymentLocator: paymentId, stage, state, currency, reasonCode },
      ...{ amount: format(dispute.amountMinor), fee: format(dispute.feeMinor) },
      createdTimestamp: dispute.createdAt.toISOString(),
      updatedTimestamp: dispute.updatedAt.toISOString(),
      ...present({
        doubleRecovery: doubleRecoveryMinor > 0n ? format(doubleRecoveryMinor) : null,
        effectiveDate: dispute.effectiveOn,
        evidenceDueTimestamp: dispute.evidenceDueAt?.toISOString() ?? null,
        finishedTimestamp: dispute.finishedAt?.toISOString() ?? null,
      }),
    });
  }
}

export class DisputePageDto {
  @ApiProperty({ type: [DisputeDto] })
  items: DisputeDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
