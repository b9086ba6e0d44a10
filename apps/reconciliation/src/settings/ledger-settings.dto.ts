import { ApiPropertyOptional } from '@nestjs/swagger';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { defaultLedgerSettings, earningCycles, PPM, ruleSets } from '../domain/rule-set.ts';
import type { EarningCycle, LedgerSettings, RuleSet } from '../domain/rule-set.ts';

/** As a whole: what is absent is the default again. */
export class LedgerSettingsDto {
  @ApiPropertyOptional({
    ...{ enum: ruleSets, default: defaultLedgerSettings.ruleSet },
    description: 'Whose books they are. An agency owes premium to the carrier, and keeps a commission of it',
  })
  @IsOptional()
  @IsIn(ruleSets)
  ruleSet?: RuleSet;

  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 0, maximum: PPM, default: defaultLedgerSettings.commissionPpm },
    description: 'Of an agency: its share of premium in millionths; 0: what `commission.*` events say',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(PPM)
  commissionPpm?: number;

  @ApiPropertyOptional({
    ...{ enum: earningCycles, default: defaultLedgerSettings.earning },
    description: 'Of a carrier: how often premium that cover was given for becomes income',
  })
  @IsOptional()
  @IsIn(earningCycles)
  earning?: EarningCycle;

  static toSettings(dto: LedgerSettingsDto): LedgerSettings {
    const settings = {
      ruleSet: dto.ruleSet ?? defaultLedgerSettings.ruleSet,
      commissionPpm: dto.commissionPpm ?? defaultLedgerSettings.commissionPpm,
      earning: dto.earning ?? defaultLedgerSettings.earning,
    };
    const isCarrier = settings.ruleSet === 'carrier';
    if (isCarrier && settings.commissionPpm > 0) {
      throw invalidRequest([{ pointer: '/commissionPpm', detail: "is an agency's: of a carrier, events say it" }]);
    }
    if (!isCarrier && settings.earning !== 'off') {
      throw invalidRequest([{ pointer: '/earning', detail: 'must be off: premium is never income of an agency' }]);
    }
    return settings;
  }
}
