import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { linkPaymentTypes, linkStatuses, planIntervals, planOf } from '../domain/payment-link.ts';
import type { LinkStatus, PaymentLink } from '../domain/payment-link.ts';
import { present } from '../payments/payment-event.ts';
import { keptPayment } from './payment-link-event.ts';

const timestamp = { type: String, format: 'date-time' } as const;

export class CustomerDto {
  @ApiPropertyOptional({ type: String })
  name?: string;
  @ApiPropertyOptional({ type: String })
  email?: string;
  @ApiPropertyOptional({ type: String })
  phone?: string;
}

export class InstallmentPlanDto {
  @ApiProperty({ type: 'integer' })
  count: number;
  @ApiProperty({ enum: planIntervals })
  interval: string;
  @ApiProperty({ type: 'integer' })
  per_installment_cents: number;
}

/** A link as its document has it; `invoice_locator`, `payee_name` and `due_date` are our own. */
export class PaymentLinkDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uri', description: 'The page to pay on. Who has it may pay.' })
  url: string;
  @ApiProperty({ enum: linkStatuses })
  status: LinkStatus;
  @ApiProperty({ enum: linkPaymentTypes })
  payment_type: string;
  @ApiProperty({ type: 'integer', example: 250000 })
  amount_cents: number;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty()
  employer_id: string;
  @ApiProperty()
  carrier_id: string;
  @ApiProperty()
  policy_id: string;
  @ApiProperty({ type: CustomerDto })
  customer: CustomerDto;
  @ApiPropertyOptional({ type: InstallmentPlanDto })
  installment_plan?: InstallmentPlanDto;
  @ApiProperty({ type: 'object', additionalProperties: true })
  metadata: Readonly<Record<string, unknown>>;
  @ApiProperty({ type: 'integer' })
  amount_refunded_cents: number;
  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'While it is paid, and once it was.' })
  payment_id?: string;
  @ApiPropertyOptional({ type: String, format: 'uuid' })
  subscription_id?: string;
  @ApiPropertyOptional({ type: String })
  invoice_locator?: string;
  @ApiPropertyOptional({ type: String })
  payee_name?: string;
  @ApiPropertyOptional({ type: String, format: 'date' })
  due_date?: string;
  @ApiProperty(timestamp)
  expires_at: string;
  @ApiProperty(timestamp)
  created_at: string;

  static from(link: PaymentLink, url: string): PaymentLinkDto {
    const plan = planOf(link);
    return Object.assign(new PaymentLinkDto(), {
      ...{ id: link.id, url, status: link.status, payment_type: link.paymentType },
      ...{ amount_cents: Number(link.amountMinor), currency: link.currency },
      ...{ employer_id: link.employerId, carrier_id: link.carrierId, policy_id: link.policyId },
      ...{ customer: link.customer, metadata: link.metadata },
      ...(plan && {
        installment_plan: {
          ...{ count: plan.count, interval: plan.interval },
          per_installment_cents: Number(plan.perInstallmentMinor),
        },
      }),
      amount_refunded_cents: Number(link.amountRefundedMinor),
      ...present({
        payment_id: keptPayment(link),
        subscription_id: link.subscriptionId,
        invoice_locator: link.invoiceLocator,
        payee_name: link.payeeName,
        due_date: link.dueOn,
      }),
      ...{ expires_at: link.expiresAt.toISOString(), created_at: link.createdAt.toISOString() },
    });
  }
}

export class PaymentLinkPageDto {
  @ApiProperty({ type: [PaymentLinkDto] })
  data: PaymentLinkDto[];
  @ApiProperty({ type: 'integer' })
  page: number;
  @ApiProperty({ type: 'integer' })
  limit: number;
  @ApiProperty({ type: 'integer' })
  total: number;
}
