import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { delinquencyStates, noticeStates, reviewReasons } from '../domain/delinquency.ts';
import type { Delinquency, DelinquencyState, Notice, NoticeState, ReviewReason } from '../domain/delinquency.ts';
import { delinquencyReasons } from '../domain/delinquency-rule.ts';
import type { DelinquencyReason } from '../domain/delinquency-rule.ts';

export class DelinquenciesQuery extends CursorQuery {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID('all')
  policyLocator?: string;

  @ApiPropertyOptional({ enum: delinquencyStates })
  @IsOptional()
  @IsIn(delinquencyStates)
  state?: DelinquencyState;
}

const outcomes = ['settled', 'closed'] as const;

export class DecideDelinquencyDto {
  @ApiProperty({ enum: outcomes, description: 'settled: what was paid is accepted; closed: it is pursued no more' })
  @IsIn(outcomes)
  outcome: (typeof outcomes)[number];
}

export class NoticeDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: noticeStates }) state: NoticeState;
  @ApiProperty({ format: 'uuid', description: 'The row of /delinquency-rules that its days are counted by' })
  ruleId: string;
  @ApiProperty({ format: 'date' }) announcedOn: string;
  @ApiProperty({ example: '25.67' }) amount: string;
  @ApiPropertyOptional({ format: 'date-time' }) mailedAt?: string;
  @ApiPropertyOptional({ format: 'date', description: 'The business day that counts as the day of mailing' })
  mailedOn?: string;
  @ApiPropertyOptional() proofRef?: string;
  @ApiPropertyOptional() channel?: string;
  @ApiPropertyOptional({ format: 'date', description: 'The first date without cover' }) effectiveOn?: string;
  @ApiPropertyOptional({ format: 'date-time' }) effectiveAt?: string;
  @ApiPropertyOptional({ format: 'date', description: 'The last date on which a payment undoes it' }) cureOn?: string;

  static from(notice: Notice, currency: string): NoticeDto {
    const { mailedAt, mailedOn, proofRef, channel, effectiveOn, effectiveAt, cureOn } = notice;
    return {
      ...{ id: notice.id, state: notice.state, ruleId: notice.ruleId, announcedOn: notice.announcedOn },
      amount: formatAmount({ minor: notice.amountMinor, currency }),
      ...given({ mailedOn, proofRef, channel, effectiveOn, cureOn }),
      ...given({ mailedAt: mailedAt?.toISOString() ?? null, effectiveAt: effectiveAt?.toISOString() ?? null }),
    };
  }
}

export class DelinquencyDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid' }) policyLocator: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'Where the plan follows each invoice on its own' })
  invoiceLocator?: string;
  @ApiProperty({ format: 'uuid' }) planId: string;
  @ApiProperty({ enum: delinquencyReasons }) reason: DelinquencyReason;
  @ApiProperty({ enum: delinquencyStates }) state: DelinquencyState;
  @ApiProperty({ example: '25.67', description: 'Past due of it when it was last looked at' }) balance: string;
  @ApiProperty() currency: string;
  @ApiProperty({ format: 'date' }) onsetOn: string;
  @ApiPropertyOptional({ format: 'date', description: 'The last day of grace' }) graceEndOn?: string;
  @ApiPropertyOptional({ type: () => NoticeDto }) notice?: NoticeDto;
  @ApiPropertyOptional({ format: 'uuid' }) cancellationRequestId?: string;
  @ApiPropertyOptional({ format: 'date' }) cancelOn?: string;
  @ApiPropertyOptional({ enum: reviewReasons }) reviewReason?: ReviewReason;
  @ApiPropertyOptional({ format: 'date-time', description: 'When the next step is due' }) nextAt?: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from(delinquency: Delinquency): DelinquencyDto {
    const { id, policyLocator, planId, reason, state, currency, onsetOn, createdAt } = delinquency;
    const { invoiceId, graceEndOn, notice, cancellationId, cancelOn, reviewReason, nextAt } = delinquency;
    return {
      ...{ id, policyLocator, ...given({ invoiceLocator: invoiceId }), planId, reason, state },
      ...{ balance: formatAmount({ minor: delinquency.balanceMinor, currency }), currency, onsetOn },
      ...given({ graceEndOn }),
      ...(notice ? { notice: NoticeDto.from(notice, currency) } : {}),
      ...given({ cancellationRequestId: cancellationId, cancelOn }),
      ...(reviewReason === null ? {} : { reviewReason }),
      ...given({ nextAt: nextAt?.toISOString() ?? null }),
      createdAt: createdAt.toISOString(),
    };
  }
}

export class DelinquencyDetailsDto extends DelinquencyDto {
  @ApiProperty({ type: () => [NoticeDto], description: 'Void ones, with their proof' }) earlierNotices: NoticeDto[];
}

export class DelinquencyPageDto {
  @ApiProperty({ type: () => [DelinquencyDto] }) items: DelinquencyDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

/** Without what is not there. */
function given<K extends string>(fields: Record<K, string | null>): { [P in K]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as { [P in K]?: string };
}
