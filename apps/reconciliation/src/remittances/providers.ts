import type { Provider } from '@nestjs/common';
import { ClaimRepository } from './claim.repository.ts';
import { Patients } from './patients.ts';
import { PostRemittancesWorker } from './post-remittances.worker.ts';
import { RemittanceClaimRepository } from './remittance-claim.repository.ts';
import { RemittanceDesk } from './remittance-desk.service.ts';
import { RemittanceListRepository } from './remittance-list.repository.ts';
import { RemittanceRepository } from './remittance.repository.ts';
import { RemittancesService } from './remittances.service.ts';

/** For the module: what payers paid for which claims. */
export const remittanceProviders: readonly Provider[] = [
  ...[RemittanceRepository, RemittanceClaimRepository, RemittanceListRepository, ClaimRepository],
  ...[Patients, RemittancesService, RemittanceDesk, PostRemittancesWorker],
];
