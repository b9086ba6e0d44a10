import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsISO8601, IsOptional, IsString, Length, Matches, ValidateBy } from 'class-validator';
import { IsAmountIn, amountOf } from '@quittance/service-kit/http/amounts';
import { fieldError } from '../domain/errors.ts';
import type { PaymentRequest } from './payment-request.ts';

const offlineMethods = ['cash', 'check', 'wire', 'lockbox'] as const;

/** The name another system has for something: opaque, taken as sent. */
export function IsReference(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, minLength: 1, maxLength: 64, description }),
    IsOptional(),
    IsString(),
    Length(1, 64),
  );
}

/** A date that exists, such as 2025-01-31. */
export function IsCalendarDate(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, format: 'date', description }),
    IsOptional(),
    Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'must be a date such as 2025-01-31' }),
    IsISO8601({ strict: true }, { message: 'must be a date that exists' }),
  );
}

function isFieldValues(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  const isText = (item: unknown) => typeof item === 'string' && item.length <= 1_000;
  const isList = (list: unknown) => Array.isArray(list) && list.length <= 100 && list.every(isText);
  return entries.length <= 100 && entries.every(([name, list]) => name.length <= 100 && isList(list));
}

export class CreatePaymentDto {
  @ApiProperty({ type: Number, description: 'As a number or a decimal string.', example: 25.67 })
  @IsAmountIn('amountCurrency', { positive: true })
  amount: number | string;

  @ApiPropertyOptional({ type: String, description: "ISO 4217; the tenant's currency when absent." })
  @IsOptional()
  @Matches(/^[A-Z]{3}$/, { message: 'must be an ISO 4217 code' })
  amountCurrency?: string | null;

  @IsReference('Who pays.')
  policyholderLocator?: string | null;

  @IsReference('What is paid for.')
  policyLocator?: string | null;

  @IsReference('The invoice the money is meant for.')
  invoiceLocator?: string | null;

  @IsReference('The statement the money is meant for.')
  statementLocator?: string | null;

  @IsReference('The merchant that takes the money.')
  merchantId?: string | null;

  @IsReference('Where the money is taken.')
  locationId?: string | null;

  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } })
  @IsOptional()
  @ValidateBy({
    name: 'fieldValues',
    validator: { validate: isFieldValues, defaultMessage: () => 'must be a map of names to lists of strings' },
  })
  fieldValues?: Record<string, string[]> | null;

  @ApiPropertyOptional({ enum: offlineMethods, description: 'How money that is already there came in.' })
  @IsOptional()
  @IsIn(offlineMethods)
  method?: (typeof offlineMethods)[number] | null;

  @IsCalendarDate('Required with method; not after today.')
  receivedDate?: string | null;

  @IsReference('A stored payment method.')
  paymentMethodId?: string | null;

  @ApiPropertyOptional({ type: String, maxLength: 200, description: "A provider's token, used once and not stored." })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  token?: string | null;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Charge now; false only holds the amount.' })
  @IsOptional()
  @IsBoolean()
  capture?: boolean | null;
}

/** What the caller wants, read off the ways to pay that the body names. */
export function requestOf(dto: CreatePaymentDto, defaultCurrency: string): PaymentRequest {
  const amount = amountOf(dto.amount, dto.amountCurrency ?? defaultCurrency, '/amount', { positive: true });
  const input = {
    amountMinor: amount.minor,
    currency: amount.currency,
    policyholderLocator: dto.policyholderLocator ?? null,
    policyLocator: dto.policyLocator ?? null,
    invoiceLocator: dto.invoiceLocator ?? null,
    statementLocator: dto.statementLocator ?? null,
    merchantId: dto.merchantId ?? null,
    locationId: dto.locationId ?? null,
    fieldValues: dto.fieldValues ?? {},
  };
  const { method, receivedDate, paymentMethodId, token } = dto;
  if ([method, paymentMethodId, token].filter((way) => way != null).length > 1) {
    const pointer = method ? '/method' : '/token';
    throw fieldError('method_conflict', pointer, 'name one of method, paymentMethodId and token');
  }
  if (receivedDate != null && method == null) {
    throw fieldError('method_conflict', '/receivedDate', 'goes with a method of offline money');
  }
  if (method) {
    if (dto.capture) throw fieldError('capture_not_supported', '/capture', 'offline money is not captured');
    if (receivedDate == null) throw fieldError('method_conflict', '/receivedDate', 'is required with method');
    return { kind: 'offline', input, money: { method, receivedOn: receivedDate } };
  }
  if (paymentMethodId != null || token != null) {
    const charge = { kind: 'charge', input, capture: dto.capture ?? false } as const;
    return token != null ? { ...charge, token } : { ...charge, paymentMethodId: paymentMethodId! };
  }
  if (dto.capture) throw fieldError('capture_not_supported', '/capture', 'needs a paymentMethodId or a token');
  return { kind: 'draft', input };
}
