import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { disbursementStates, payeeTypes, payoutMethods, sourceTypes } from '../domain/disbursement.ts';
import type { Disbursement, DisbursementState, PayoutMethod } from '../domain/disbursement.ts';
import { IsReference } from '../payments/create-payment.dto.ts';
import { present } from '../payments/payment-event.ts';

export class ListDisbursementsQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: disbursementStates })
  @IsOptional()
  @IsIn(disbursementStates, { message: `must be one of ${disbursementStates.join(', ')}` })
  state?: DisbursementState;

  @IsReference('Of this policy.')
  policyLocator?: string;
}

export class ValidateDisbursementDto {
  @ApiPropertyOptional({ enum: payoutMethods, description: 'Another way to pay it; only a cheque can be executed.' })
  @IsOptional()
  @IsIn(payoutMethods, { message: `must be one of ${payoutMethods.join(', ')}` })
  method?: PayoutMethod | null;
}

export class ExecuteDisbursementDto {
  @ApiPropertyOptional({ type: String, maxLength: 64, description: "The cheque's number; the next one when absent." })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,64}$/, { message: 'must be 1 to 64 visible ASCII characters' })
  reference?: string | null;
}

export class FailDisbursementDto {
  @ApiPropertyOptional({ type: String, example: 'printer_jam', description: 'Why it was not issued.' })
  @IsOptional()
  @Matches(/^[a-z][a-z0-9_]{0,63}$/, { message: 'must be a snake_case code' })
  code?: string | null;
}

export class DisbursementSourceDto {
  @ApiProperty({ enum: sourceTypes })
  type: string;
  @ApiPropertyOptional({ type: String })
  id?: string;
}

export class DisbursementFailureDto {
  @ApiProperty()
  code: string;
}

export class DisbursementDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: disbursementStates })
  state: DisbursementState;
  @ApiPropertyOptional({ type: String, format: 'uuid', description: "Billing's request." })
  requestId?: string;
  @ApiPropertyOptional({ type: String, format: 'uuid' })
  refundId?: string;
  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'The payment whose refund it pays.' })
  paymentLocator?: string;
  @ApiProperty({ enum: payeeTypes })
  payeeType: string;
  @ApiPropertyOptional({ type: String })
  payeeLocator?: string;
  @ApiPropertyOptional({ type: String })
  policyLocator?: string;
  @ApiProperty({ example: '20.00' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ enum: payoutMethods })
  method: PayoutMethod;
  @ApiProperty({ type: DisbursementSourceDto })
  source: DisbursementSourceDto;
  @ApiPropertyOptional({ type: String })
  reason?: string;
  @ApiPropertyOptional({ type: String, description: "The cheque's number." })
  reference?: string;
  @ApiPropertyOptional({ type: String, description: 'The client that asked, where one is known.' })
  requestedBy?: string;
  @ApiPropertyOptional({ type: String, description: 'The client that approved it.' })
  approvedBy?: string;
  @ApiPropertyOptional({ type: DisbursementFailureDto })
  failure?: DisbursementFailureDto;
  @ApiPropertyOptional({ type: String, format: 'date', description: 'The business date on which it was issued.' })
  effectiveDate?: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;

  static from(disbursement: Disbursement): DisbursementDto {
    const { id, state, payeeType, amountMinor, currency, method, sourceType, sourceId, failureCode } = disbursement;
    return Object.assign(new DisbursementDto(), {
      ...{ id, state, payeeType, amount: formatAmount({ minor: amountMinor, currency }), currency, method },
      source: { type: sourceType, ...present({ id: sourceId }) },
      createdAt: disbursement.createdAt.toISOString(),
      updatedAt: disbursement.updatedAt.toISOString(),
      ...present({
        requestId: disbursement.requestId,
        refundId: disbursement.refundId,
        paymentLocator: disbursement.paymentId,
        payeeLocator: disbursement.payeeLocator,
        policyLocator: disbursement.policyLocator,
        reason: disbursement.reason,
        reference: disbursement.reference,
        requestedBy: disbursement.requestedBy,
        approvedBy: disbursement.approvedBy,
        failure: failureCode === null ? null : { code: failureCode },
        effectiveDate: disbursement.effectiveOn,
      }),
    });
  }
}

export class DisbursementPageDto {
  @ApiProperty({ type: [DisbursementDto] })
  items: DisbursementDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
