import { ApiProperty } from '@nestjs/swagger';
import { formatAmount, toNumber } from '@quittance/money/money';
import { addDays } from '../domain/calendar.ts';
import { isOpenInstalment, nextToCollect } from '../domain/partner-collection.ts';
import { midnight, shown } from './amount.view.ts';
import type { BookingView, PartnerInstalment } from './collection.view.ts';
import { SurchargesDto, TaxDto } from './price.dto.ts';

export class PartnerInstalmentDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ type: 'integer', minimum: 1 }) number: number;
  @ApiProperty({ format: 'uuid' }) quote: string;
  @ApiProperty({ format: 'date-time' }) period_start_date: string;
  @ApiProperty({ format: 'date-time', description: 'The last day that is covered' }) period_end_date: string;
  @ApiProperty({ format: 'date-time' }) due_date: string;
  @ApiProperty({ enum: ['PAID', 'UNPAID'] }) status: 'PAID' | 'UNPAID';
  @ApiProperty({ type: 'number', example: 7.5 }) amount: number;
  @ApiProperty({ example: '€7.50' }) amount_formatted: string;
  @ApiProperty({ example: '7.50', description: 'What is still to be collected of it' }) amount_due: string;
  @ApiProperty({ type: () => TaxDto }) tax: TaxDto;
  @ApiProperty({ type: () => SurchargesDto }) surcharges: SurchargesDto;
  @ApiProperty({
    ...{ type: 'object', additionalProperties: true, nullable: true },
    description: 'Of the last attempt, where it failed',
  })
  payment_failures: object | null;

  static from(instalment: PartnerInstalment): PartnerInstalmentDto {
    const { id, number, quoteId, currency, amountMinor: minor, balanceMinor, lines } = instalment;
    const isPaid = instalment.state === 'paid';
    return {
      ...{ id, number, quote: quoteId },
      period_start_date: midnight(instalment.periodStart),
      period_end_date: midnight(addDays(instalment.periodEnd, -1)),
      due_date: midnight(instalment.dueOn),
      status: isPaid ? 'PAID' : 'UNPAID',
      amount: toNumber({ minor, currency }),
      amount_formatted: shown(minor, currency),
      amount_due: formatAmount({ minor: balanceMinor, currency }),
      tax: TaxDto.from(lines, currency),
      surcharges: SurchargesDto.from(lines, currency),
      payment_failures: !isPaid && instalment.lastOutcome === 'failed' ? (instalment.lastFailures ?? {}) : null,
    };
  }
}

export class CollectedQuoteDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ type: () => PartnerInstalmentDto, nullable: true, description: 'null when nothing is left' })
  next_payment: PartnerInstalmentDto | null;
  @ApiProperty({ format: 'date-time', nullable: true, type: String, description: 'null before the first payment' })
  paid_until: string | null;
  @ApiProperty({ type: () => [PartnerInstalmentDto] }) payment_schedule: PartnerInstalmentDto[];
  @ApiProperty({ type: 'number', example: 7.5 }) total_amount_paid: number;
  @ApiProperty({ type: 'number', example: 82.5 }) total_amount_due: number;

  static from(id: string, instalments: readonly PartnerInstalment[], currency: string): CollectedQuoteDto {
    const next = nextToCollect(instalments);
    const paidThrough = instalments[0]?.paidThrough ?? null;
    const paid = instalments.reduce((sum, { allocatedMinor }) => sum + allocatedMinor, 0n);
    const due = instalments.filter(isOpenInstalment).reduce((sum, { balanceMinor }) => sum + balanceMinor, 0n);
    return {
      id,
      next_payment: next && PartnerInstalmentDto.from(next),
      paid_until: paidThrough && midnight(paidThrough),
      payment_schedule: instalments.map((each) => PartnerInstalmentDto.from(each)),
      total_amount_paid: toNumber({ minor: paid, currency }),
      total_amount_due: toNumber({ minor: due, currency }),
    };
  }
}

export class BookingInstalmentsDto {
  @ApiProperty({ type: () => [CollectedQuoteDto] }) quotes: CollectedQuoteDto[];
  @ApiProperty({ example: 'USD' }) currency: string;

  static from({ booking: { quotes, currency }, instalments }: BookingView): BookingInstalmentsDto {
    const booked = quotes.filter((quote) => quote.booked);
    return {
      quotes: booked.map(({ id }) => {
        const own = instalments.filter(({ quoteId }) => quoteId === id);
        return CollectedQuoteDto.from(id, own, currency);
      }),
      currency,
    };
  }
}
