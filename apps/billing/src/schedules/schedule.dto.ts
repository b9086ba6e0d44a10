import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { formatAmount } from '@quittance/money/money';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { instalmentSources, instalmentStates } from '../domain/instalment.ts';
import type { InstalmentSource, InstalmentState } from '../domain/instalment.ts';
import type { PolicyTerms } from '../domain/policy.ts';
import type { PlannedSchedule, Schedule, ScheduleState } from '../domain/schedule.ts';
import { isPastDue, localDate } from '../domain/zone.ts';
import type { AmountLine } from '../instalments/instalment.events.ts';
import type { InstalmentsView, Offer, PastInstalment, ScheduleView, ShownInstalment } from './schedule.view.ts';

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
  @ApiProperty({ enum: instalmentSources, description: 'Why it is there' }) source: InstalmentSource;
  @ApiProperty({ format: 'date' }) dueOn: string;
  @ApiProperty({ format: 'date' }) originalDueOn: string;
  @ApiProperty({ format: 'date', description: 'When its invoice is issued' }) generateOn: string;
  @ApiProperty({ format: 'date', description: 'When a stored method is charged' }) autopayOn: string;
  @ApiProperty({ format: 'date' }) periodStart: string;
  @ApiProperty({ format: 'date', description: 'The first date that is no longer part of it' }) periodEnd: string;
  @ApiProperty({ example: '25.67' }) amount: string;
  @ApiProperty({ example: '25.67' }) balance: string;
  @ApiProperty({ enum: instalmentStates }) state: InstalmentState;
  @ApiProperty() pastDue: boolean;
  @ApiProperty({ type: () => [LineDto] }) lines: LineDto[];
}

export class InstalmentsQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: instalmentStates, description: 'superseded: what was cut out of the schedule' })
  @IsOptional()
  @IsIn(instalmentStates)
  state?: InstalmentState;
}

export class PastInstalmentDto extends InstalmentDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'The transaction that cut it out' }) supersededBy?: string;

  static of(each: PastInstalment, { lines, now, timeZone }: InstalmentsView): PastInstalmentDto {
    return {
      ...instalmentDto(each, lines.get(each.id) ?? [], timeZone),
      pastDue: isOwed(each.state) && isPastDue(each.dueOn, now, timeZone),
      ...(each.supersededBy === null ? {} : { supersededBy: each.supersededBy }),
    };
  }
}

export class InstalmentPageDto {
  @ApiProperty({ type: () => [PastInstalmentDto] }) items: PastInstalmentDto[];
  @ApiProperty({ nullable: true, type: String }) nextCursor: string | null;
}

export class ScheduleSummaryDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid' }) policyLocator: string;
  @ApiProperty() plan: string;
  @ApiProperty({ type: 'integer' }) planVersion: number;
  @ApiProperty({ enum: ['draft', 'active', 'on_hold', 'completed', 'superseded', 'cancelled'] }) state: ScheduleState;
  @ApiProperty() currency: string;
  @ApiProperty({ example: '308.00' }) total: string;
  @ApiProperty({ format: 'date', nullable: true, type: String, description: 'End of the unbroken paid prefix' })
  paidThrough: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static of(schedule: Schedule): ScheduleSummaryDto {
    const { id, policyLocator, plan, planVersion, state, currency, paidThrough } = schedule;
    const total = formatAmount({ minor: schedule.totalMinor, currency });
    const createdAt = schedule.createdAt.toISOString();
    return { id, policyLocator, plan, planVersion, state, currency, total, paidThrough, createdAt };
  }
}

export class ScheduleDto extends ScheduleSummaryDto {
  @ApiProperty({ type: () => [InstalmentDto] }) instalments: InstalmentDto[];

  static from({ schedule, instalments, lines, now, timeZone }: ScheduleView): ScheduleDto {
    return {
      ...ScheduleSummaryDto.of(schedule),
      instalments: instalments.map((each) => ({
        ...instalmentDto(each, lines.get(each.id) ?? [], timeZone),
        pastDue: isOwed(each.state) && isPastDue(each.dueOn, now, timeZone),
      })),
    };
  }
}

export class SchedulePageDto {
  @ApiProperty({ type: () => [ScheduleSummaryDto] }) items: ScheduleSummaryDto[];
  @ApiProperty({ nullable: true, type: String }) nextCursor: string | null;
}

export class OfferDto {
  @ApiProperty() plan: string;
  @ApiProperty({ type: 'integer' }) planVersion: number;
  @ApiProperty() label: string;
  @ApiProperty() instalmentCount: number;
  @ApiProperty({ example: '308.00' }) total: string;
  @ApiProperty({ example: '25.67' }) firstInstalmentAmount: string;

  static from({ plan, planned }: Offer, currency: string): OfferDto {
    const { totalMinor, instalments } = planned;
    return {
      plan: plan.name,
      planVersion: plan.version,
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
  @ApiPropertyOptional({ type: 'integer' }) planVersion?: number;
  @ApiPropertyOptional({ example: '308.00' }) total?: string;
  @ApiPropertyOptional({ type: () => [InstalmentDto] }) instalments?: InstalmentDto[];
  @ApiPropertyOptional({ type: () => [OfferDto] }) plans?: OfferDto[];

  static offers(offers: readonly Offer[], currency: string): SchedulePreviewDto {
    return { currency, plans: offers.map((offer) => OfferDto.from(offer, currency)) };
  }

  static schedule(planned: PlannedSchedule, { currency, plan }: PolicyTerms): SchedulePreviewDto {
    const { planVersion, totalMinor, charges, instalments } = planned;
    return {
      currency,
      plan,
      planVersion,
      total: formatAmount({ minor: totalMinor, currency }),
      instalments: instalments.map(({ number, source, dueOn, generateOn, autopayOn, period, amountMinor, lines }) => ({
        ...amounts({ amountMinor, balanceMinor: amountMinor, currency }),
        number,
        source,
        dueOn,
        originalDueOn: dueOn,
        generateOn,
        autopayOn,
        periodStart: period.start,
        periodEnd: period.end,
        state: 'scheduled',
        pastDue: false,
        lines: lines.map((line) => lineDto({ ...charges[line.charge]!, amountMinor: line.amountMinor }, currency)),
      })),
    };
  }
}

function instalmentDto(
  instalment: ShownInstalment,
  lines: readonly AmountLine[],
  timeZone: string,
): Omit<InstalmentDto, 'pastDue'> {
  const { id, number, source, dueOn, originalDueOn, periodStart, periodEnd, currency, state } = instalment;
  return {
    id,
    number,
    source,
    dueOn,
    originalDueOn,
    generateOn: localDate(instalment.generateAt, timeZone),
    autopayOn: instalment.autopayOn ?? dueOn,
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
