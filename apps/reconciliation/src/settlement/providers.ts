import type { Provider } from '@nestjs/common';
import { BookSettlementsWorker } from './book-settlements.worker.ts';
import { OverdueRepository } from './overdue.repository.ts';
import { OverdueService } from './overdue.service.ts';
import { ReportIntake } from './processor-report.reader.ts';
import { SettlementBookingRepository } from './settlement-booking.repository.ts';
import { SettlementBookings } from './settlement-bookings.service.ts';
import { SettlementQueries } from './settlement-queries.repository.ts';
import { SettlementRepository } from './settlement.repository.ts';
import { SettlementsService } from './settlements.service.ts';
import { TellOverdueWorker } from './tell-overdue.worker.ts';

/** For the module: what processors paid out, and what is late. */
export const settlementProviders: readonly Provider[] = [
  ...[SettlementRepository, SettlementQueries, SettlementsService, ReportIntake],
  ...[SettlementBookingRepository, SettlementBookings, BookSettlementsWorker],
  ...[OverdueRepository, OverdueService, TellOverdueWorker],
];
