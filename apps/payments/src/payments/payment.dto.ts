import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { toNumber } from '@quittance/money/money';
import { seedState, seedStates } from '../domain/payment-state.ts';
import type { Payment } from '../domain/payment.ts';
import type { SeedState } from '../domain/payment-state.ts';
import { present } from './payment-event.ts';

const timestamp = { type: String, format: 'date-time' } as const;

export class FailureDto {
  @ApiProperty()
  code: string;
  @ApiProperty({ enum: ['soft', 'hard', 'needs_customer'] })
  category: string;
  @ApiProperty()
  recommendedAction: string;
}

/** A payment as its document has it, and what we say beside it. */
export class PaymentDto {
  @ApiProperty({ format: 'uuid' })
  locator: string;
  @ApiProperty({ example: 'P-1K3MC-09XQF-5T2ZV' })
  displayId: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } })
  fieldValues: Readonly<Record<string, readonly string[]>>;
  @ApiProperty({ example: 25.67 })
  amount: number;
  @ApiProperty({ example: 'USD' })
  amountCurrency: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  mediaByLocator: Record<string, never>;
  @ApiProperty({ enum: seedStates })
  state: SeedState;
  @ApiPropertyOptional({ type: String })
  policyholderLocator?: string;
  @ApiPropertyOptional({ type: String })
  policyLocator?: string;
  @ApiPropertyOptional({ type: String })
  invoiceLocator?: string;
  @ApiPropertyOptional({ type: String })
  statementLocator?: string;
  @ApiPropertyOptional({ type: String })
  paymentMethodId?: string;
  @ApiPropertyOptional({ type: String })
  method?: string;
  @ApiPropertyOptional({ type: String })
  merchantId?: string;
  @ApiPropertyOptional({ type: String })
  locationId?: string;
  @ApiPropertyOptional({ type: String, format: 'date' })
  receivedDate?: string;
  @ApiProperty(timestamp)
  createdTimestamp: string;
  @ApiProperty(timestamp)
  updatedTimestamp: string;
  @ApiPropertyOptional(timestamp)
  authorizedTimestamp?: string;
  @ApiPropertyOptional(timestamp)
  postedTimestamp?: string;
  @ApiPropertyOptional(timestamp)
  reversedTimestamp?: string;
  @ApiPropertyOptional({ type: FailureDto })
  failure?: FailureDto;

  static from(payment: Payment): PaymentDto {
    const { failure } = payment;
    return Object.assign(new PaymentDto(), {
      locator: payment.id,
      displayId: payment.displayId,
      fieldValues: payment.fieldValues,
      amount: toNumber({ minor: payment.amountMinor, currency: payment.currency }),
      amountCurrency: payment.currency,
      mediaByLocator: {},
      state: seedState(payment.state),
      createdTimestamp: payment.createdAt.toISOString(),
      updatedTimestamp: payment.updatedAt.toISOString(),
      ...present({
        policyholderLocator: payment.policyholderLocator,
        policyLocator: payment.policyLocator,
        invoiceLocator: payment.invoiceLocator,
        statementLocator: payment.statementLocator,
        paymentMethodId: payment.paymentMethodId,
        method: payment.method,
        merchantId: payment.merchantId,
        locationId: payment.locationId,
        receivedDate: payment.receivedOn,
        authorizedTimestamp: payment.authorisedAt?.toISOString() ?? null,
        postedTimestamp: payment.postedAt?.toISOString() ?? null,
        reversedTimestamp: payment.reversedAt?.toISOString() ?? null,
      }),
      ...(failure
        ? { failure: { code: failure.code, category: failure.category, recommendedAction: failure.recommendedAction } }
        : {}),
    });
  }
}

export class PaymentPageDto {
  @ApiProperty({ type: [PaymentDto] })
  payments: PaymentDto[];
  @ApiPropertyOptional({ type: String, description: 'Absent on the last page.' })
  pagingToken?: string;
}
