import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { ReturnDto } from '../returns/return.dto.ts';
import { SettlementBatchDto, SettlementItemDto } from '../settlement/settlement.dto.ts';
import { trailState } from './trail.ts';
import type { Trail, TrailDeposit, TrailException, TrailPayment } from './trail.ts';

export class TrailPaymentDto {
  @ApiProperty({ format: 'uuid' })
  locator: string;
  @ApiProperty()
  displayId: string;
  @ApiProperty({ enum: ['posted', 'returned', 'reversed'] })
  state: string;
  @ApiProperty({ example: '25.67' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ type: String, nullable: true })
  method: string | null;
  @ApiProperty({ type: String, nullable: true, description: "The provider's name of the charge." })
  reference: string | null;
  @ApiProperty({ format: 'date' })
  effectiveDate: string;
  @ApiProperty({ format: 'date-time' })
  postedAt: string;
  @ApiProperty({ type: String, nullable: true, format: 'date', description: 'By when its money must have been seen.' })
  settleBy: string | null;
  @ApiPropertyOptional()
  merchantId?: string;
  @ApiPropertyOptional()
  locationId?: string;

  static from(payment: TrailPayment): TrailPaymentDto {
    const { locator, displayId, state, amount: minor, currency, method, reference, settleBy } = payment;
    return {
      ...{ locator, displayId, state, amount: formatAmount({ minor, currency }), currency, method, reference },
      ...{ effectiveDate: payment.effectiveOn, postedAt: payment.postedAt.toISOString(), settleBy },
      ...(payment.merchantId === null ? {} : { merchantId: payment.merchantId }),
      ...(payment.locationId === null ? {} : { locationId: payment.locationId }),
    };
  }
}

export class TrailStatementDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  state: string;
}

export class TrailMatchDto {
  @ApiProperty()
  id: string;
  @ApiProperty({ description: 'The rule by which it was found.' })
  rule: string;
}

export class TrailDepositDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: '920.10' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ format: 'date' })
  bookedOn: string;
  @ApiProperty({ type: TrailStatementDto })
  statement: TrailStatementDto;
  @ApiProperty({ type: TrailMatchDto })
  match: TrailMatchDto;

  static from({ id, amount: minor, currency, bookedOn, statement, match }: TrailDeposit): TrailDepositDto {
    return { id, amount: formatAmount({ minor, currency }), currency, bookedOn, statement, match };
  }
}

export class TrailItemDto extends SettlementItemDto {
  @ApiProperty({ type: SettlementBatchDto, nullable: true, description: 'Null while no payout has it.' })
  batch: SettlementBatchDto | null;
  @ApiProperty({ type: [TrailDepositDto], description: 'Lines of a bank that its payout was matched with.' })
  deposits: TrailDepositDto[];
}

export class TrailSubjectDto {
  @ApiProperty({ example: 'settlement_batch' })
  type: string;
  @ApiProperty()
  id: string;
}

export class TrailExceptionDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'payout_unbalanced' })
  type: string;
  @ApiProperty({ example: 'open' })
  state: string;
  @ApiProperty({ type: TrailSubjectDto })
  subject: TrailSubjectDto;

  static from({ id, type, state, subject }: TrailException): TrailExceptionDto {
    return { id, type, state, subject };
  }
}

export class TrailDto {
  @ApiProperty({ enum: ['posted', 'reported', 'paid_out', 'in_bank', 'returned', 'reversed'] })
  state: string;
  @ApiProperty({ type: TrailPaymentDto })
  payment: TrailPaymentDto;
  @ApiProperty({ type: [TrailItemDto], description: "Lines of processors' reports that are about it." })
  settlementItems: TrailItemDto[];
  @ApiProperty({ type: [ReturnDto] })
  returns: ReturnDto[];
  @ApiProperty({ type: [TrailExceptionDto], description: 'Work for people about any of these.' })
  exceptions: TrailExceptionDto[];

  static from(trail: Trail): TrailDto {
    const depositsOf = (batchId: string | undefined) =>
      trail.deposits.filter((deposit) => deposit.batchId === batchId).map((deposit) => TrailDepositDto.from(deposit));
    return {
      state: trailState(trail),
      payment: TrailPaymentDto.from(trail.payment),
      settlementItems: trail.lines.map(({ batch, ...line }) => ({
        ...SettlementItemDto.from(line),
        batch: batch && SettlementBatchDto.from(batch),
        deposits: depositsOf(batch?.id),
      })),
      returns: trail.returns.map((each) => ReturnDto.from(each)),
      exceptions: trail.exceptions.map((each) => TrailExceptionDto.from(each)),
    };
  }
}
