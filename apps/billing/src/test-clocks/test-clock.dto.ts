import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { advanceDaysMax } from '../domain/test-clock.ts';
import type { Advance } from '../domain/test-clock.ts';
import { IsCalendarDate } from '../policies/policy.validators.ts';

const ExactlyOne = () =>
  ValidateBy({
    name: 'exactlyOne',
    validator: {
      validate: (_value, args) => {
        const { to, days } = args?.object as AdvanceTestClockDto;
        return (to === undefined) !== (days === undefined);
      },
      defaultMessage: () => 'either to or days is required, not both',
    },
  });

export class AdvanceTestClockDto {
  @ApiPropertyOptional({ format: 'date' })
  @ValidateIf(({ to, days }: AdvanceTestClockDto) => to !== undefined || days === undefined)
  @IsCalendarDate()
  @ExactlyOne()
  to?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: advanceDaysMax })
  @ValidateIf(({ days }: AdvanceTestClockDto) => days !== undefined)
  @IsInt()
  @Min(1)
  @Max(advanceDaysMax)
  days?: number;

  static toAdvance({ to, days }: AdvanceTestClockDto): Advance {
    return to === undefined ? { days: days ?? 0 } : { to };
  }
}

export class BusinessDateDto {
  @ApiProperty({ format: 'date' }) businessDate: string;
}

export class TestClockDto extends BusinessDateDto {
  @ApiProperty() running: boolean;
}
