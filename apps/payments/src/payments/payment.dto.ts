import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { toNumber } from '@quittance/money/money';
import { seedState, seedStates } from '../domain/payment-state.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { Media } from '../domain/media.ts';
import type { Payment } from '../domain/payment.ts';
import type { SeedState } from '../domain/payment-state.ts';
import { MediaDto, mediaByLocator } from '../media/media.dto.ts';
import type { MediaByLocator } from '../media/media.dto.ts';
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

export class ActionDto {
  @ApiProperty({ example: 'authenticate' })
  type: string;
  @ApiPropertyOptional({ type: String, description: 'Where the customer goes on.' })
  url?: string;
  @ApiPropertyOptional(timestamp)
  expiresTimestamp?: string;
}

export class BankReturnDto {
  @ApiProperty({ enum: ['ach', 'sepa_dd', 'bacs_dd', 'card', 'check'] })
  scheme: string;
  @ApiProperty({ example: 'R01' })
  code: string;
  @ApiProperty({ description: "The payer's fault." })
  pejorative: boolean;
  @ApiProperty({ format: 'date' })
  returnedDate: string;
}

/** What is kept beside a payment. */
export interface PaymentExtras {
  /** The latest attempt of a payment that waits for its customer. */
  readonly attempt?: Attempt | undefined;
  readonly media?: readonly Media[] | undefined;
}

/** A payment as its document has it, and what we say beside it. */
@ApiExtraModels(MediaDto)
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
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(MediaDto) } })
  mediaByLocator: MediaByLocator;
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
  @ApiPropertyOptional({ type: String, format: 'uuid' })
  linkId?: string;
  @ApiPropertyOptional({ type: String, format: 'date' })
  receivedDate?: string;
  @ApiProperty(timestamp)
  createdTimestamp: string;
  @ApiProperty(timestamp)
  updatedTimestamp: string;
  @ApiPropertyOptional(timestamp)
  authorizedTimestamp?: string;
  @ApiPropertyOptional(timestamp)
  authorizationExpiresTimestamp?: string;
  @ApiPropertyOptional(timestamp)
  postedTimestamp?: string;
  @ApiPropertyOptional({ ...timestamp, description: 'Of a reversal, and of nothing else.' })
  reversedTimestamp?: string;
  @ApiPropertyOptional(timestamp)
  returnedTimestamp?: string;
  @ApiPropertyOptional({ type: BankReturnDto, description: 'How the bank took it back.' })
  return?: BankReturnDto;
  @ApiPropertyOptional({ type: Number, description: 'Absent when nothing was refunded.' })
  amountRefunded?: number;
  @ApiPropertyOptional({ enum: ['partial', 'full'] })
  refundStatus?: 'partial' | 'full';
  @ApiPropertyOptional({ type: Number, description: 'Under an open dispute.' })
  amountDisputed?: number;
  @ApiPropertyOptional({ type: ActionDto, description: 'While the customer has to act.' })
  action?: ActionDto;
  @ApiPropertyOptional({ type: FailureDto })
  failure?: FailureDto;

  static from(payment: Payment, { attempt, media = [] }: PaymentExtras = {}): PaymentDto {
    return Object.assign(new PaymentDto(), {
      locator: payment.id,
      displayId: payment.displayId,
      fieldValues: payment.fieldValues,
      amount: toNumber({ minor: payment.amountMinor, currency: payment.currency }),
      amountCurrency: payment.currency,
      mediaByLocator: mediaByLocator(media),
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
        linkId: payment.linkId,
        receivedDate: payment.receivedOn,
        authorizedTimestamp: payment.authorisedAt?.toISOString() ?? null,
        authorizationExpiresTimestamp: payment.authorisationExpiresAt?.toISOString() ?? null,
        postedTimestamp: payment.postedAt?.toISOString() ?? null,
        reversedTimestamp: payment.reversedAt?.toISOString() ?? null,
        returnedTimestamp: payment.returnedAt?.toISOString() ?? null,
        failure: failureOf(payment),
        return: returnOf(payment),
        action: attempt ? actionOf(attempt) : null,
      }),
      ...moneyBackOf(payment),
    });
  }
}

function failureOf({ failure }: Payment): FailureDto | null {
  if (failure === null) return null;
  return { code: failure.code, category: failure.category, recommendedAction: failure.recommendedAction };
}

function returnOf({ returned }: Payment): BankReturnDto | null {
  if (returned === null) return null;
  const { scheme, code, pejorative, returnedOn } = returned;
  return { scheme, code, pejorative, returnedDate: returnedOn };
}

function actionOf({ actionUrl, expiresAt }: Attempt): ActionDto {
  return {
    type: 'authenticate',
    ...present({ url: actionUrl, expiresTimestamp: expiresAt?.toISOString() ?? null }),
  };
}

function moneyBackOf({ amountMinor, currency, refundedMinor, disputedMinor }: Payment) {
  return {
    ...(refundedMinor > 0n && {
      amountRefunded: toNumber({ minor: refundedMinor, currency }),
      refundStatus: refundedMinor === amountMinor ? ('full' as const) : ('partial' as const),
    }),
    ...(disputedMinor > 0n && { amountDisputed: toNumber({ minor: disputedMinor, currency }) }),
  };
}

export class PaymentPageDto {
  @ApiProperty({ type: [PaymentDto] })
  payments: PaymentDto[];
  @ApiPropertyOptional({ type: String, description: 'Absent on the last page.' })
  pagingToken?: string;
}
