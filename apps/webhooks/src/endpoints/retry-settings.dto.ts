import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, ValidateBy } from 'class-validator';

const attemptsMax = 20;
const waitMaxSeconds = 86_400;

function isSchedule(value: unknown): boolean {
  const isWait = (wait: unknown) => Number.isInteger(wait) && Number(wait) >= 0 && Number(wait) <= waitMaxSeconds;
  return Array.isArray(value) && value.length <= attemptsMax && value[0] === 0 && value.every(isWait);
}

function IsRetrySchedule(): PropertyDecorator {
  const defaultMessage = () =>
    `must be 1 to ${attemptsMax} whole numbers of seconds from 0 to ${waitMaxSeconds}, the first of them 0`;
  return ValidateBy({ name: 'isRetrySchedule', validator: { validate: isSchedule, defaultMessage } });
}

/** How long it is tried. */
export class RetrySettingsDto {
  @ApiPropertyOptional({
    ...{ type: [Number], nullable: true, example: [0, 30, 600, 3600], minItems: 1, maxItems: attemptsMax },
    description:
      'Seconds to wait before each attempt, the first 0; its length is the number of attempts. A fifth may be added ' +
      "to each wait. Absent or null: the platform's schedule.",
  })
  @IsOptional()
  @IsRetrySchedule()
  retrySchedule?: number[] | null;
}
