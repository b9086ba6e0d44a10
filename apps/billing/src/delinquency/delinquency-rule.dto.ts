import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsInt, IsOptional, IsString, Length } from 'class-validator';
import { Max, Min } from 'class-validator';
import { isCalendarDate } from '../domain/calendar.ts';
import { delinquencyReasons, noticeRecipients, proofTypes } from '../domain/delinquency-rule.ts';
import type { DelinquencyReason, DelinquencyRule, NoticeRecipient, ProofType } from '../domain/delinquency-rule.ts';
import { countModes, cureWindows, earliestSends } from '../domain/notice.ts';
import { isTimeOfDay } from '../domain/time-of-day.ts';
import type { CountMode, CureWindow, EarliestSend } from '../domain/notice.ts';
import { IfPresent, rule } from '../policies/policy.validators.ts';
import { ScopeDto, scopeOf, shownScope } from './scope.dto.ts';

const IsTimeOfDay = () =>
  rule(
    'isTimeOfDay',
    (value) => typeof value === 'string' && isTimeOfDay(value),
    'must be a time of day such as 00:01',
  );

/** What the law asks of a notice, with the name of who has read it. */
export class CreateDelinquencyRuleDto extends ScopeDto {
  @ApiPropertyOptional({ enum: delinquencyReasons, description: 'Absent: every reason' })
  @IfPresent()
  @IsIn(delinquencyReasons)
  reason?: DelinquencyReason;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0, description: 'Days since the policy began' })
  @IsInt()
  @Min(0)
  @Max(36_500)
  tenureFromDays: number = 0;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Inclusive' })
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(36_500)
  tenureToDays?: number;

  @ApiProperty({ type: 'integer', minimum: 0, maximum: 365 })
  @IsInt()
  @Min(0)
  @Max(365)
  noticeDays: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 60, default: 0 })
  @IsInt()
  @Min(0)
  @Max(60)
  mailDays: number = 0;

  @ApiPropertyOptional({ enum: countModes, default: 'full_days' })
  @IsIn(countModes)
  countMode: CountMode = 'full_days';

  @ApiPropertyOptional({ enum: earliestSends, default: 'after_due' })
  @IsIn(earliestSends)
  earliestSend: EarliestSend = 'after_due';

  @ApiPropertyOptional({ enum: cureWindows, default: 'effective' })
  @IsIn(cureWindows)
  cureUntil: CureWindow = 'effective';

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 365, description: 'With `cureUntil: mailing`' })
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(365)
  cureDays?: number;

  @ApiPropertyOptional({ example: '00:01', default: '00:01', description: 'By the clock of the policy' })
  @IsTimeOfDay()
  effectiveTime: string = '00:01';

  @ApiPropertyOptional({ type: [String], default: [], description: 'Dates on which no mail goes out' })
  @IsArray()
  @ArrayMaxSize(400)
  @IsString({ each: true })
  holidays: string[] = [];

  @ApiPropertyOptional({ enum: noticeRecipients, isArray: true, default: ['insured'] })
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(noticeRecipients, { each: true })
  recipients: NoticeRecipient[] = ['insured'];

  @ApiPropertyOptional({ enum: proofTypes, default: 'certificate_of_mailing' })
  @IsIn(proofTypes)
  proofType: ProofType = 'certificate_of_mailing';

  @ApiProperty({ maxLength: 200, description: 'Where the law says so' })
  @IsString()
  @Length(1, 200)
  citation: string;

  @ApiProperty({ maxLength: 200, description: 'Who has read the law: without a name no rule is in force' })
  @IsString()
  @Length(1, 200)
  reviewedBy: string;

  /** @throws Problem 400 that names every field which does not fit another */
  static toRule(dto: CreateDelinquencyRuleDto): Omit<DelinquencyRule, 'id' | 'isExample'> {
    const { jurisdiction: _j, line: _l, effectiveTo: _t, reason, tenureToDays, cureDays, ...rest } = dto;
    const faults = dto.holidays.flatMap((date, index) =>
      isCalendarDate(date) ? [] : [{ pointer: `/holidays/${index}`, detail: 'must be a calendar date' }],
    );
    if (dto.cureUntil === 'mailing' && cureDays === undefined) {
      faults.push({ pointer: '/cureDays', detail: 'goes together with cureUntil mailing' });
    }
    if (tenureToDays !== undefined && tenureToDays < dto.tenureFromDays) {
      faults.push({ pointer: '/tenureToDays', detail: 'must not be less than tenureFromDays' });
    }
    if (faults.length > 0) throw invalidRequest(faults);
    const optional = { reason: reason ?? null, tenureToDays: tenureToDays ?? null, cureDays: cureDays ?? null };
    return { ...rest, ...scopeOf(dto), ...optional };
  }
}

export class DelinquencyRulesQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'true: the rows that are shipped as examples, off' })
  @IsOptional()
  @IsIn(['true', 'false'])
  example?: 'true' | 'false';
}

export class DelinquencyRuleDto extends ScopeDto {
  @ApiProperty({ description: 'A UUID, or the name of an example' }) id: string;
  @ApiProperty({ description: 'Not legal advice, and in force nowhere: store it as your own once it was read' })
  example: boolean;
  @ApiPropertyOptional({ enum: delinquencyReasons }) reason?: DelinquencyReason;
  @ApiProperty() tenureFromDays: number;
  @ApiPropertyOptional() tenureToDays?: number;
  @ApiProperty() noticeDays: number;
  @ApiProperty() mailDays: number;
  @ApiProperty({ enum: countModes }) countMode: CountMode;
  @ApiProperty({ enum: earliestSends }) earliestSend: EarliestSend;
  @ApiProperty({ enum: cureWindows }) cureUntil: CureWindow;
  @ApiPropertyOptional() cureDays?: number;
  @ApiProperty() effectiveTime: string;
  @ApiProperty({ type: [String] }) holidays: string[];
  @ApiProperty({ enum: noticeRecipients, isArray: true }) recipients: NoticeRecipient[];
  @ApiProperty({ enum: proofTypes }) proofType: ProofType;
  @ApiProperty() citation: string;
  @ApiPropertyOptional() reviewedBy?: string;

  static from(rule: DelinquencyRule): DelinquencyRuleDto {
    const { id, isExample, reason, tenureFromDays, tenureToDays, noticeDays, mailDays, countMode, cureDays } = rule;
    const { earliestSend, cureUntil, effectiveTime, proofType, citation, reviewedBy } = rule;
    return {
      ...{ id, example: isExample, ...shownScope(rule), ...(reason === null ? {} : { reason }), tenureFromDays },
      ...(tenureToDays === null ? {} : { tenureToDays }),
      ...{ noticeDays, mailDays, countMode, earliestSend, cureUntil, ...(cureDays === null ? {} : { cureDays }) },
      ...{ effectiveTime, holidays: [...rule.holidays], recipients: [...rule.recipients], proofType, citation },
      ...(reviewedBy === null ? {} : { reviewedBy }),
    };
  }
}

export class DelinquencyRulePageDto {
  @ApiProperty({ type: () => [DelinquencyRuleDto] }) items: DelinquencyRuleDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
