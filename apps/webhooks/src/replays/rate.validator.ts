import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, ValidateBy } from 'class-validator';

const rateMax = 500;
const isRate = (value: unknown) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= rateMax;
const defaultMessage = () => `must be a whole number from 1 to ${rateMax}`;

/** Deliveries a second that a replay queues. */
export const IsRate = () =>
  applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: rateMax, default: 50 }),
    IsOptional(),
    ValidateBy({ name: 'isRate', validator: { validate: isRate, defaultMessage } }),
  );
