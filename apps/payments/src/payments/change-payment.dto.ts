import { ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsObject, IsOptional, Matches, ValidateNested } from 'class-validator';
import { formatAmount } from '@quittance/money/money';
import { amountOf } from '@quittance/service-kit/http/amounts';
import { fieldError } from '../domain/errors.ts';
import { changeActions } from '../domain/payment-change.ts';
import type { Amendment, ChangeAction } from '../domain/payment-change.ts';
import type { Payment } from '../domain/payment.ts';
import { CreatePaymentDto, IsCalendarDate } from './create-payment.dto.ts';
import type { ChangeRequest } from './payment-request.ts';

const notAmended = ['method', 'receivedDate', 'paymentMethodId', 'token', 'capture'] as const;

/** What a draft was created with, each field at will; null takes it away. */
export class PaymentUpdateDto extends PartialType(OmitType(CreatePaymentDto, notAmended)) {}

export class ReturnDetailsDto {
  @ApiPropertyOptional({ type: String, default: 'manual', description: "The bank's code, such as R01." })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'must be a code of 1 to 64 letters, digits, - and _' })
  code?: string | null;

  @ApiPropertyOptional({ type: Boolean, default: false, description: "The payer's fault: a fee may be charged." })
  @IsOptional()
  @IsBoolean()
  pejorative?: boolean | null;

  @IsCalendarDate("The bank's date; today when absent.")
  returnedDate?: string | null;
}

export class ChangePaymentDto {
  @ApiPropertyOptional({ enum: changeActions })
  @IsOptional()
  @IsIn(changeActions)
  action?: ChangeAction | null;

  @ApiPropertyOptional({ type: PaymentUpdateDto, description: 'In state draft or ready; done before the action.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PaymentUpdateDto)
  paymentUpdate?: PaymentUpdateDto | null;

  @ApiPropertyOptional({ type: ReturnDetailsDto, description: 'With the action return.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ReturnDetailsDto)
  return?: ReturnDetailsDto | null;
}

export function changeOf({ action, paymentUpdate, return: returned }: ChangePaymentDto): ChangeRequest {
  if (returned != null && action !== 'return') {
    throw fieldError('method_conflict', '/return', 'goes with the action return');
  }
  return {
    action: action ?? null,
    amend: paymentUpdate == null ? null : (payment) => amendmentOf(paymentUpdate, payment),
    returned: {
      code: returned?.code ?? 'manual',
      pejorative: returned?.pejorative ?? false,
      returnedOn: returned?.returnedDate ?? null,
    },
  };
}

/** An amount without a currency is in the payment's own; a currency alone is for the amount that is there. */
function amendmentOf(dto: PaymentUpdateDto, payment: Payment): Amendment {
  const { amountMinor, currency, fieldValues } = payment;
  const written = dto.amount ?? formatAmount({ minor: amountMinor, currency });
  const amount = amountOf(written, dto.amountCurrency ?? currency, '/paymentUpdate/amount', { positive: true });
  const kept = <K extends keyof PaymentUpdateDto & keyof Payment>(name: K) =>
    dto[name] === undefined ? payment[name] : dto[name];
  return {
    amountMinor: amount.minor,
    currency: amount.currency,
    fieldValues: dto.fieldValues === undefined ? fieldValues : (dto.fieldValues ?? {}),
    invoiceLocator: kept('invoiceLocator'),
    locationId: kept('locationId'),
    merchantId: kept('merchantId'),
    policyLocator: kept('policyLocator'),
    policyholderLocator: kept('policyholderLocator'),
    statementLocator: kept('statementLocator'),
  };
}
