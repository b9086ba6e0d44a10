import { ArrayNotEmpty, IsArray, IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { holdTargets } from '../domain/hold.ts';
import type { HoldTarget } from '../domain/hold.ts';
import { IsInstant } from '../policies/instant.validator.ts';
import { IsCalendarDate, IsLaterThan } from '../policies/policy.validators.ts';

/** The data of `policy.cancellation_accepted`, `_rejected`, `_rescinded`. */
export class CancellationAnswerDto {
  @IsUUID('all')
  requestId: string;

  @IsUUID('all')
  policyLocator: string;

  @IsOptional()
  @IsString()
  @Length(0, 500)
  reason?: string;
}

/** The data of `policy.notice_returned`. */
export class NoticeReturnedDto {
  @IsUUID('all')
  noticeId: string;

  @IsUUID('all')
  policyLocator: string;

  @IsOptional()
  @IsString()
  @Length(0, 500)
  reason?: string;
}

/** The data of `policy.notice_mailed`. */
export class NoticeMailedDto {
  @IsUUID('all')
  noticeId: string;

  @IsUUID('all')
  policyLocator: string;

  @IsInstant()
  mailedAt: string;

  @IsOptional()
  @IsString()
  @Length(1, 200)
  proofRef?: string;

  @IsOptional()
  @IsString()
  @Length(1, 64)
  channel?: string;
}

/** The data of `policy.moratorium_declared`. */
export class MoratoriumDeclaredDto {
  @IsUUID('all')
  moratoriumId: string;

  @IsOptional()
  @IsString()
  @Length(1, 64)
  jurisdiction?: string;

  @IsOptional()
  @IsString()
  @Length(1, 64)
  line?: string;

  @IsOptional()
  @IsString()
  @Length(1, 64)
  producerId?: string;

  @IsArray()
  @ArrayNotEmpty()
  @IsIn(holdTargets, { each: true })
  targets: HoldTarget[];

  @IsCalendarDate()
  startsOn: string;

  @IsOptional()
  @IsCalendarDate()
  @IsLaterThan('startsOn')
  endsOn?: string;

  @IsString()
  @Length(1, 500)
  reason: string;
}

/** The data of `policy.moratorium_lifted`. */
export class MoratoriumLiftedDto {
  @IsUUID('all')
  moratoriumId: string;

  @IsCalendarDate()
  endsOn: string;
}
