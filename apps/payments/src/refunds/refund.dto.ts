import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { formatAmount } from '@quittance/money/money';
import { IsAmount } from '@quittance/service-kit/http/amounts';
import { shownRefundState, shownRefundStates } from '../domain/refund-state.ts';
import type { ShownRefundState } from '../domain/refund-state.ts';
import { refundDestinations } from '../domain/refund.ts';
import type { Refund, RefundDestination } from '../domain/refund.ts';
import { present } from '../payments/payment-event.ts';

export class RequestRefundDto {
  @ApiPropertyOptional({ type: String, example: '60.00', description: 'All that is left when absent.' })
  @IsOptional()
  @IsAmount()
  amount?: string | number | null;

  @ApiProperty({ minLength: 1, maxLength: 500 })
  @IsString()
  @Length(1, 500)
  reason: string;

  @ApiPropertyOptional({ enum: refundDestinations, description: 'The way it came when absent, or a cheque.' })
  @IsOptional()
  @IsIn(refundDestinations, { message: `must be one of ${refundDestinations.join(', ')}` })
  destination?: RefundDestination | null;
}

export class RefundFailureDto {
  @ApiProperty()
  code: string;
  @ApiProperty()
  recommendedAction: string;
}

export class RefundDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  paymentLocator: string;
  @ApiProperty({ enum: shownRefundStates })
  state: ShownRefundState;
  @ApiProperty({ example: '60.00' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ enum: refundDestinations })
  destination: RefundDestination;
  @ApiProperty()
  reason: string;
  @ApiProperty({ description: 'The client that asked for it.' })
  requestedBy: string;
  @ApiPropertyOptional({ type: String, description: 'The client that approved, rejected or cancelled it.' })
  decidedBy?: string;
  @ApiPropertyOptional({ type: RefundFailureDto })
  failure?: RefundFailureDto;
  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'The cheque that it became.' })
  disbursementId?: string;
  @ApiPropertyOptional({ type: String, format: 'date', description: 'The business date on which the money left.' })
  effectiveDate?: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  finishedAt?: string;

  static from(refund: Refund): RefundDto {
    const { id, paymentId, amountMinor, currency, destination, reason, requestedBy } = refund;
    return Object.assign(new RefundDto(), {
      ...{ id, paymentLocator: paymentId, state: shownRefundState(refund), destination, reason, requestedBy },
      ...{
        amount: formatAmount({ minor: amountMinor, currency }),
        currency,
        createdAt: refund.createdAt.toISOString(),
      },
      ...present({
        decidedBy: refund.decidedBy,
        failure: refund.failure,
        disbursementId: refund.disbursementId,
        effectiveDate: refund.effectiveOn,
        finishedAt: refund.finishedAt?.toISOString() ?? null,
      }),
    });
  }
}

export class RefundPageDto {
  @ApiProperty({ type: [RefundDto] })
  items: RefundDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
