import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { amountOf, IsAmount } from '@quittance/service-kit/http/amounts';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { sourceOf } from '../allocations/allocation-batch.ts';
import type { AllocationBatch } from '../allocations/allocation-batch.ts';
import { FundOwnerDto } from '../disbursements/disbursement-request.dto.ts';
import { IsCurrencyCode } from '../policies/policy.validators.ts';
import type { NewApplication } from './payment-application.view.ts';

const INVOICES_MAX = 100;

export class WantedInvoiceDto {
  @ApiProperty({ format: 'uuid' })
  @IsUUID('all')
  invoiceLocator: string;

  @ApiPropertyOptional({ type: String, example: '10.00', description: 'Absent: as much of it as there is money' })
  @IsOptional()
  @IsAmount()
  amount?: string | number;
}

export class CreatePaymentApplicationDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'Whose unapplied money: that of one payment' })
  @IsOptional()
  @IsUUID('all')
  paymentLocator?: string;

  @ApiPropertyOptional({ type: () => FundOwnerDto, description: 'Or that of an owner, the oldest payments first' })
  @IsOptional()
  @ValidateNested()
  @Type(() => FundOwnerDto)
  owner?: FundOwnerDto;

  @ApiPropertyOptional({ example: 'USD', description: 'Needed with an owner' })
  @IsOptional()
  @IsCurrencyCode()
  currency?: string;

  @ApiProperty({ type: () => [WantedInvoiceDto], description: 'In the order in which they are paid' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(INVOICES_MAX)
  @ArrayUnique(({ invoiceLocator }: WantedInvoiceDto) => String(invoiceLocator).toLowerCase())
  @ValidateNested({ each: true })
  @Type(() => WantedInvoiceDto)
  invoices: WantedInvoiceDto[];

  static toNew(dto: CreatePaymentApplicationDto): NewApplication {
    const invoices = dto.invoices.map(({ invoiceLocator, amount }) => ({
      invoiceId: invoiceLocator.toLowerCase(),
      ...(amount == null ? {} : { amountIn: minorOf(amount) }),
    }));
    return { source: moneyOf(dto), invoices };
  }
}

function minorOf(amount: string | number) {
  return (currency: string, pointer: string) => amountOf(amount, currency, pointer, { positive: true }).minor;
}

function moneyOf({ paymentLocator, owner, currency }: CreatePaymentApplicationDto): NewApplication['source'] {
  if (paymentLocator && !owner) return { paymentLocator: paymentLocator.toLowerCase() };
  if (!owner || paymentLocator) {
    throw invalidRequest([{ pointer: '/paymentLocator', detail: 'either it or an owner is needed' }]);
  }
  if (!currency) throw invalidRequest([{ pointer: '/currency', detail: 'is needed with an owner' }]);
  return { ownerType: owner.type, ownerLocator: owner.locator, currency };
}

export class AppliedInvoiceDto {
  @ApiProperty({ format: 'uuid' }) invoiceLocator: string;
  @ApiProperty({ example: '10.00' }) amount: string;
}

export class PaymentApplicationDto {
  @ApiProperty({ format: 'uuid', description: 'Of the application: to undo it by' }) id: string;
  @ApiPropertyOptional({ format: 'uuid' }) paymentLocator?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'Where it is the money of a credit' }) creditId?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'The application that it undoes' }) reverses?: string;
  @ApiProperty() currency: string;
  @ApiProperty({ format: 'date' }) effectiveDate: string;
  @ApiProperty({ type: () => [AppliedInvoiceDto] }) invoices: AppliedInvoiceDto[];

  static from({ id, paymentLocator, kind, reverses, currency, effectiveDate, invoices }: AllocationBatch) {
    const dto: PaymentApplicationDto = {
      id,
      ...sourceOf({ kind, paymentLocator }),
      ...(reverses === null ? {} : { reverses }),
      ...{ currency, effectiveDate },
      invoices: invoices.map(({ invoiceId, amountMinor }) => {
        return { invoiceLocator: invoiceId, amount: formatAmount({ minor: amountMinor, currency }) };
      }),
    };
    return dto;
  }
}

export class PaymentApplicationsDto {
  @ApiProperty({ type: () => [PaymentApplicationDto], description: 'One for each payment that took part' })
  items: PaymentApplicationDto[];
}
