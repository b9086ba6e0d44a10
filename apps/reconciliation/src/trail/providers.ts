import type { Provider } from '@nestjs/common';
import { PaymentProjectionRepository } from '../projections/payment-projection.repository.ts';
import { PaymentProjectionsService } from '../projections/payment-projections.service.ts';
import { ReturnRepository } from '../returns/return.repository.ts';
import { ReturnsService } from '../returns/returns.service.ts';
import { TrailRepository } from './trail.repository.ts';
import { TrailService } from './trail.service.ts';

/** For the module: what is known of payments, what banks sent back of them, and where their money is. */
export const trailProviders: readonly Provider[] = [
  ...[PaymentProjectionRepository, PaymentProjectionsService],
  ...[ReturnRepository, ReturnsService],
  ...[TrailRepository, TrailService],
];
