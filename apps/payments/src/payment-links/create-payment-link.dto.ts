import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsCents } from '@quittance/service-kit/http/cents';
import { PageQuery } from '@quittance/service-kit/http/page';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsObject, IsOptional, IsString, Length, Matches } from 'class-validator';
import { Max, Min, ValidateBy, ValidateNested } from 'class-validator';
import { linkPaymentTypes, linkStatuses, planIntervals } from '../domain/payment-link.ts';
import type { InstallmentPlan, LinkStatus } from '../domain/payment-link.ts';
import { IsReference } from '../payments/create-payment.dto.ts';
import type { LinkFilter, LinkInput } from './link-request.ts';

const metadataBytesMax = 4096;

function IsOwner(description: string): PropertyDecorator {
  return applyDecorators(ApiProperty({ type: String, maxLength: 64, description }), IsString(), Length(1, 64));
}

function IsText(max: number, description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, maxLength: max, description }),
    IsOptional(),
    IsString(),
    Length(1, max),
  );
}

function isSmall(value: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(value) ?? '') <= metadataBytesMax;
}

class CustomerInput {
  @IsText(200, "The insured business's name.")
  name?: string | null;

  // Any text: whether mail reaches it, only a mailer finds out.
  @IsText(254, 'Where a mailer sends the link.')
  email?: string | null;

  @IsText(32, 'A phone number.')
  phone?: string | null;
}

class InstallmentPlanInput {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 360 })
  @IsInt()
  @Min(1)
  @Max(360)
  count: number;

  @ApiPropertyOptional({ enum: planIntervals, default: 'monthly' })
  @IsOptional()
  @IsIn(planIntervals)
  interval?: InstallmentPlan['interval'] | null;

  @ApiProperty({ type: 'integer', minimum: 1 })
  @IsCents()
  per_installment_cents: number;
}

export class CreatePaymentLinkDto {
  @IsOwner('The employer: who is insured.')
  employer_id: string;

  @IsOwner('The carrier.')
  carrier_id: string;

  @IsOwner('The policy that is paid for.')
  policy_id: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 250000 })
  @IsCents()
  amount_cents: number;

  @ApiProperty({ enum: linkPaymentTypes })
  @IsIn(linkPaymentTypes)
  payment_type: (typeof linkPaymentTypes)[number];

  @ApiPropertyOptional({ type: CustomerInput })
  @IsOptional()
  @ValidateNested()
  @Type(() => CustomerInput)
  customer?: CustomerInput | null;

  @ApiPropertyOptional({ type: InstallmentPlanInput })
  @IsOptional()
  @ValidateNested()
  @Type(() => InstallmentPlanInput)
  installment_plan?: InstallmentPlanInput | null;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: 'At most 4096 bytes of JSON.' })
  @IsOptional()
  @IsObject()
  @ValidateBy({ name: 'small', validator: { validate: isSmall, defaultMessage: () => 'must have at most 4096 bytes' } })
  metadata?: Record<string, unknown> | null;

  @IsReference('The invoice it is for: paid elsewhere, the link is closed.')
  invoice_locator?: string | null;

  @IsText(100, 'Who gets the money, as the page says it.')
  payee_name?: string | null;

  @ApiPropertyOptional({ type: String, format: 'date', description: 'When it should be paid, for the page.' })
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'must be a date such as 2025-01-31' })
  @IsISO8601({ strict: true }, { message: 'must be a date that exists' })
  due_date?: string | null;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'After 30 days when absent.' })
  @IsOptional()
  @Matches(/T.*(Z|[+-]\d{2}:\d{2})$/i, { message: 'must be an RFC 3339 timestamp' })
  @IsISO8601({ strict: true }, { message: 'must be an RFC 3339 timestamp' })
  expires_at?: string | null;
}

export class RefundLinkDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'All that is left when absent.' })
  @IsOptional()
  @IsCents()
  amount_cents?: number | null;

  @IsText(500, 'Why.')
  reason?: string | null;
}

export class ListPaymentLinksQuery extends PageQuery {
  @IsReference('Of this carrier.')
  carrier_id?: string;

  @IsReference('Of this employer.')
  employer_id?: string;

  @IsReference('Of this policy.')
  policy_id?: string;

  @ApiPropertyOptional({ enum: linkStatuses })
  @IsOptional()
  @IsIn(linkStatuses)
  status?: LinkStatus;
}

export function filterOf({ carrier_id, employer_id, policy_id, status }: ListPaymentLinksQuery): LinkFilter {
  return {
    ...(carrier_id === undefined ? {} : { carrierId: carrier_id }),
    ...(employer_id === undefined ? {} : { employerId: employer_id }),
    ...(policy_id === undefined ? {} : { policyId: policy_id }),
    ...(status === undefined ? {} : { status }),
  };
}

/** The currency is the tenant's: this dialect has no field for it. */
export function inputOf(dto: CreatePaymentLinkDto, currency: string): LinkInput {
  const { installment_plan: plan, customer, expires_at: expiresAt } = dto;
  const given = Object.entries(customer ?? {}).filter(([, value]) => value != null);
  return {
    ...{ paymentType: dto.payment_type, amountMinor: BigInt(dto.amount_cents), currency },
    ...{ policyId: dto.policy_id, carrierId: dto.carrier_id, employerId: dto.employer_id },
    customer: Object.fromEntries(given),
    plan: plan
      ? {
          ...{ count: plan.count, interval: plan.interval ?? 'monthly' },
          perInstallmentMinor: BigInt(plan.per_installment_cents),
        }
      : null,
    metadata: dto.metadata ?? {},
    invoiceLocator: dto.invoice_locator ?? null,
    payeeName: dto.payee_name ?? null,
    dueOn: dto.due_date ?? null,
    expiresAt: expiresAt == null ? null : new Date(expiresAt),
  };
}
