import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { PagingQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { balanceOf, displayIdOf, invoiceStates, invoiceTypes, isOpen } from '../domain/invoice.ts';
import type { InvoiceState, InvoiceType } from '../domain/invoice.ts';
import { isPastDue } from '../domain/zone.ts';
import type { InvoiceView } from './invoice.view.ts';

export class InvoicesQuery extends PagingQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyLocator?: string;

  @ApiPropertyOptional({ enum: invoiceStates })
  @IsOptional()
  @IsIn(invoiceStates)
  state?: InvoiceState;
}

export class InvoiceItemDto {
  @ApiProperty({ type: 'integer' }) itemNo: number;
  @ApiProperty() category: string;
  @ApiPropertyOptional() code?: string;
  @ApiProperty({ example: '23.34' }) amount: string;
  @ApiProperty({ example: '23.34' }) balance: string;
}

export class InvoiceDto {
  @ApiProperty({ format: 'uuid' }) locator: string;
  @ApiProperty({ example: 'I-000001' }) displayId: string;
  @ApiProperty({ enum: invoiceTypes }) type: InvoiceType;
  @ApiProperty({ enum: invoiceStates }) state: InvoiceState;
  @ApiPropertyOptional() policyLocator?: string;
  @ApiPropertyOptional() policyholderLocator?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'Absent for what no schedule has' }) instalmentId?: string;
  @ApiPropertyOptional({ format: 'uuid' }) subscriptionId?: string;
  @ApiProperty() currency: string;
  @ApiProperty({ format: 'date' }) issuedOn: string;
  @ApiProperty({ format: 'date' }) dueOn: string;
  @ApiProperty({ format: 'date', description: 'What it was before a payment was taken back' }) originalDueOn: string;
  @ApiProperty({ example: '25.67' }) total: string;
  @ApiProperty({ example: '0.00' }) allocated: string;
  @ApiProperty({ example: '0.00', description: 'What nobody is asked for any more' }) writtenOff: string;
  @ApiProperty({ example: '25.67' }) balance: string;
  @ApiProperty({ example: '0.00', description: 'What of `allocated` came from payments that are disputed now' })
  disputed: string;
  @ApiProperty() pastDue: boolean;
  @ApiProperty({ type: () => [InvoiceItemDto] }) items: InvoiceItemDto[];
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from({ invoice, items, disputedMinor, policyholderLocator, timeZone, now }: InvoiceView): InvoiceDto {
    const { currency, dueOn, originalDueOn, issuedOn, state } = invoice;
    const text = (minor: bigint) => formatAmount({ minor, currency });
    return {
      locator: invoice.id,
      displayId: displayIdOf(invoice.number),
      type: invoice.type,
      state,
      ...given('policyLocator', invoice.policyLocator),
      ...given('policyholderLocator', policyholderLocator),
      ...given('instalmentId', invoice.instalmentId),
      ...given('subscriptionId', invoice.subscriptionId),
      currency,
      issuedOn,
      dueOn,
      originalDueOn,
      total: text(invoice.totalMinor),
      allocated: text(invoice.allocatedMinor),
      writtenOff: text(invoice.totalMinor - invoice.allocatedMinor - invoice.balanceMinor),
      balance: text(invoice.balanceMinor),
      disputed: text(disputedMinor),
      pastDue: isOpen(state) && isPastDue(dueOn, now, timeZone),
      items: items.map((item) => ({
        itemNo: item.itemNo,
        category: item.category,
        ...given('code', item.code),
        amount: text(item.amountMinor),
        balance: text(balanceOf(item)),
      })),
      createdAt: invoice.createdAt.toISOString(),
    };
  }
}

function given<K extends string>(name: K, value: string | null): { [P in K]?: string } {
  return value === null ? {} : ({ [name]: value } as { [P in K]: string });
}

export class InvoicePageDto {
  @ApiProperty({ type: () => [InvoiceDto] }) invoices: InvoiceDto[];
  @ApiPropertyOptional({ description: 'Absent on the last page' }) pagingToken?: string;
}
