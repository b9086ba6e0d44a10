import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { standingOf, standings } from '../domain/receipt.ts';
import type { Receipt, ReceiptCopy, Standing } from '../domain/receipt.ts';
import { present } from '../payments/payment-event.ts';

export class ListReceiptsQuery extends CursorQuery {
  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID()
  paymentLocator?: string;
}

export class ReceiptItemDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'R-1K3MC-09XQF-5T2ZV' })
  number: string;
  @ApiProperty({ format: 'uuid' })
  paymentLocator: string;
  @ApiProperty({ example: '25.67' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ format: 'date' })
  paidDate: string;
  @ApiProperty({ format: 'date-time' })
  issuedTimestamp: string;
  @ApiPropertyOptional({ type: String })
  policyLocator?: string;
  @ApiPropertyOptional({ type: String })
  policyholderLocator?: string;

  static from(receipt: Receipt): ReceiptItemDto {
    return Object.assign(new ReceiptItemDto(), itemOf(receipt));
  }
}

function itemOf({ policyLocator, policyholderLocator, ...receipt }: Receipt): ReceiptItemDto {
  return {
    id: receipt.id,
    number: receipt.number,
    paymentLocator: receipt.paymentId,
    amount: formatAmount({ minor: receipt.amountMinor, currency: receipt.currency }),
    currency: receipt.currency,
    paidDate: receipt.paidOn,
    issuedTimestamp: receipt.issuedAt.toISOString(),
    ...present({ policyLocator, policyholderLocator }),
  };
}

export class AddresseeDto {
  @ApiPropertyOptional({ type: String })
  name?: string;
  @ApiPropertyOptional({ type: String })
  email?: string;
  @ApiPropertyOptional({ type: String })
  phone?: string;
}

/** What a mailer needs: the amounts, what has become of them, and whom to write to where that is known here. */
export class ReceiptDto extends ReceiptItemDto {
  @ApiProperty({ example: 'P-1K3MC-09XQF-5T2ZV' })
  paymentDisplayId: string;
  @ApiProperty({ enum: standings, description: 'What has become of the money since.' })
  standing: Standing;
  @ApiPropertyOptional({ type: String, example: '5.00' })
  amountRefunded?: string;
  @ApiPropertyOptional({ type: String, description: 'How it was paid.' })
  method?: string;
  @ApiPropertyOptional({ type: String, example: '4242' })
  last4?: string;
  @ApiPropertyOptional({ type: String })
  invoiceLocator?: string;
  @ApiPropertyOptional({ type: String, description: 'Who received it, where it was paid by a link.' })
  payee?: string;
  @ApiPropertyOptional({ type: AddresseeDto, description: 'Whom a payment link was for; others know their own.' })
  customer?: AddresseeDto;

  static of({ receipt, payment, method, link }: ReceiptCopy): ReceiptDto {
    const { refundedMinor, currency } = payment;
    return Object.assign(new ReceiptDto(), {
      ...itemOf(receipt),
      paymentDisplayId: payment.displayId,
      standing: standingOf(payment),
      ...present({
        amountRefunded: refundedMinor > 0n ? formatAmount({ minor: refundedMinor, currency }) : null,
        method: payment.method,
        last4: method?.last4 ?? null,
        invoiceLocator: payment.invoiceLocator,
        payee: link?.payeeName ?? null,
        customer: link?.customer ?? null,
      }),
    });
  }
}

export class ReceiptPageDto {
  @ApiProperty({ type: [ReceiptItemDto] })
  items: ReceiptItemDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
