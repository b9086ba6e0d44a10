import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { formatAmount } from '@quittance/money/money';
import { IsOptional, IsString, Length } from 'class-validator';
import { instalmentStates } from '../domain/instalment.ts';
import type { Instalment, InstalmentState } from '../domain/instalment.ts';
import type { Plan } from '../domain/plan.ts';
import type { PolicyTerms } from '../domain/policy.ts';
import type { PlannedSchedule, Schedule, ScheduleState } from '../domain/schedule.ts';
import { isPastDue } from '../domain/zone.ts';
import type { AmountLine } from '../instalments/instalment.events.ts';
import type { Offer, ScheduleView } from './schedule.view.ts';

export class SchedulesQuery extends CursorQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyLocator?: string;
}

export class LineDto {
  @ApiProperty() category: string;
  @ApiPropertyOptional() code?: string;
  @ApiProperty({ example: '23.34' }) amount: string;
}

export class InstalmentDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'Absent in a preview' }) id?: string;
  @ApiProperty() number: number;
  @ApiProperty({ format: 'date' }) dueOn: string;
  @ApiProperty({ format: 'date' }) originalDueOn: string;
  @ApiProperty({ format: 'date' }) periodStart: string;
  @ApiProperty({ format: 'date', description: 'The first date that is no longer part of it' }) periodEnd: string;
  @ApiProperty({ example: '25.67' }) amount: string;
  @ApiProperty({ example: '25.67' }) balance: string;
  @ApiProperty({ enum: instalmentStates }) state: InstalmentState;
  @ApiProperty() pastDue: boolean;
  @ApiProperty({ type: () => [LineDto] }) lines: LineDto[];
}

export class ScheduleSummaryDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid' }) policyLocator: string;
  @ApiProperty() plan: string;
  @ApiProperty({ enum: ['draft', 'active', 'on_hold', 'completed', 'superseded', 'cancelled'] }) state: ScheduleState;
  @ApiProperty() currency: string;
  @ApiProperty({ example: '308.00' }) total: string;
  @ApiProperty({ format: 'date', nullable: true, type: String, description: 'End of the unbroken paid prefix' })
  paidThrough: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static of(schedule: Schedule): ScheduleSummaryDto {
    const { id, policyLocator, plan, state, currency, totalMinor, paidThrough, createdAt } = schedule;
    const total = formatAmount({ minor: totalMinor, currency });
    return { id, policyLocator, plan, state, currency, total, paidThrough, createdAt: createdAt.toISOString() };
  }
}

export class ScheduleDto extends ScheduleSummaryDto {
  @ApiProperty({ type: () => [InstalmentDto] }) instalments: InstalmentDto[];

  static from({ schedule, instalments, lines, now, timeZone }: ScheduleView): ScheduleDto {
    return {
      ...ScheduleSummaryDto.of(schedule),
      instalments: instalments.map((each) => ({
        ...instalmentDto(each, lines.get(each.id) ?? []),
        pastDue: isOwed(each.state) && isPastDue(each.dueOn, now, timeZone),
      })),
    };
  }
}

export class SchedulePageDto {
  @ApiProperty({ type: () => [ScheduleSummaryDto] }) items: ScheduleSummaryDto[];
  @ApiProperty({ nullable: true, type: String }) nextCursor: string | null;
}

export class PlanDto {
  @ApiProperty() name: string;
  @ApiProperty() label: string;
  @ApiProperty() everyMonths: number;
  @ApiProperty({ nullable: true, type: Number, description: 'null: as many as the term holds' }) instalments:
    number | null;
  @ApiProperty({ nullable: true, type: Number }) downPercent: number | null;
  @ApiProperty() remainderPolicy: string;

  static from({ name, label, everyMonths, instalments, downPercent, remainder }: Plan): PlanDto {
    return { name, label, everyMonths, instalments, downPercent, remainderPolicy: remainder };
  }
}

export class PlanPageDto {
  @ApiProperty({ type: () => [PlanDto] }) items: PlanDto[];
  @ApiProperty({ nullable: true, type: String }) nextCursor: string | null;
}

export class OfferDto {
  @ApiProperty() plan: string;
  @ApiProperty() label: string;
  @ApiProperty() instalmentCount: number;
  @ApiProperty({ example: '308.00' }) total: string;
  @ApiProperty({ example: '25.67' }) firstInstalmentAmount: string;

  static from({ plan, planned }: Offer, currency: string): OfferDto {
    const { totalMinor, instalments } = planned;
    return {
      plan: plan.name,
      label: plan.label,
      instalmentCount: instalments.length,
      total: formatAmount({ minor: totalMinor, currency }),
      firstInstalmentAmount: formatAmount({ minor: instalments[0]?.amountMinor ?? 0n, currency }),
    };
  }
}

/** The schedule that would be made, or, where no plan was named, the plans that could be had. */
export class SchedulePreviewDto {
  @ApiProperty() currency: string;
  @ApiPropertyOptional() plan?: string;
  @ApiPropertyOptional({ example: '308.00' }) total?: string;
  @ApiPropertyOptional({ type: () => [InstalmentDto] }) instalments?: InstalmentDto[];
  @ApiPropertyOptional({ type: () => [OfferDto] }) plans?: OfferDto[];

  static offers(offers: readonly Offer[], currency: string): SchedulePreviewDto {
    return { currency, plans: offers.map((offer) => OfferDto.from(offer, currency)) };
  }

  static schedule({ totalMinor, instalments }: PlannedSchedule, terms: PolicyTerms): SchedulePreviewDto {
    const { currency, plan, charges } = terms;
    return {
      currency,
      plan,
      total: formatAmount({ minor: totalMinor, currency }),
      instalments: instalments.map(({ number, dueOn, period, amountMinor, lines }) => ({
        ...amounts({ amountMinor, balanceMinor: amountMinor, currency }),
        number,
        dueOn,
        originalDueOn: dueOn,
        periodStart: period.start,
        periodEnd: period.end,
        state: 'scheduled',
        pastDue: false,
        lines: lines.map((line) => lineDto({ ...charges[line.charge]!, amountMinor: line.amountMinor }, currency)),
      })),
    };
  }
}

function instalmentDto(instalment: Instalment, lines: readonly AmountLine[]): Omit<InstalmentDto, 'pastDue'> {
  const { id, number, dueOn, originalDueOn, periodStart, periodEnd, currency, state } = instalment;
  return {
    id,
    number,
    dueOn,
    originalDueOn,
    periodStart,
    periodEnd,
    ...amounts({ ...instalment, currency }),
    state,
    lines: lines.map((line) => lineDto(line, currency)),
  };
}

function amounts({
  amountMinor,
  balanceMinor,
  currency,
}: {
  amountMinor: bigint;
  balanceMinor: bigint;
  currency: string;
}) {
  return {
    amount: formatAmount({ minor: amountMinor, currency }),
    balance: formatAmount({ minor: balanceMinor, currency }),
  };
}

function lineDto({ category, code, amountMinor }: AmountLine, currency: string): LineDto {
  return {
    category,
    ...(code === null ? {} : { code }),
    amount: formatAmount({ minor: amountMinor, currency }),
  };
}

function isOwed(state: InstalmentState): boolean {
  return state === 'billed' || state === 'partially_paid';
}
