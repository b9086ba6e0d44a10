import type { Provider } from '@nestjs/common';
import { EarnPremiumWorker } from './earn-premium.worker.ts';
import { EarningService } from './earning.service.ts';
import { PremiumRepository } from './premium.repository.ts';

/** For the module: premium becomes income by the days of its cover. */
export const earningProviders: readonly Provider[] = [PremiumRepository, EarningService, EarnPremiumWorker];
