import { applyDecorators } from '@nestjs/common';
import { IsInt, Max, Min } from 'class-validator';

const message = 'must be a whole number of cents above zero';

/** A whole number of minor units, as the dialect of links and subscriptions writes money. */
export function IsCents(): PropertyDecorator {
  return applyDecorators(IsInt({ message }), Min(1, { message }), Max(Number.MAX_SAFE_INTEGER, { message }));
}
