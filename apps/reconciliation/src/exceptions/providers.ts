import type { Provider } from '@nestjs/common';
import { hundredths } from '../domain/hundredths.ts';
import { BookWriteOffsWorker } from './book-write-offs.worker.ts';
import { ExceptionCaseRepository } from './exception-case.repository.ts';
import { ExceptionListRepository } from './exception-list.repository.ts';
import { ExceptionListsService } from './exception-lists.service.ts';
import { ExceptionWriteOffRepository } from './exception-write-off.repository.ts';
import { ExceptionWriteOffsService, WriteOffRules } from './exception-write-offs.service.ts';
import { ExceptionsService } from './exceptions.service.ts';
import { WriteOffBookings } from './write-off-bookings.service.ts';

/** For the module: people's work on exceptions. */
export function exceptionProviders(config: { writeOffTolerance: string; writeOffOneApprover: string }): Provider[] {
  const limits = {
    tolerance: hundredths(config.writeOffTolerance),
    oneApprover: hundredths(config.writeOffOneApprover),
  };
  return [
    { provide: WriteOffRules, useValue: { limits } },
    ...[ExceptionCaseRepository, ExceptionListRepository, ExceptionWriteOffRepository],
    ...[ExceptionsService, ExceptionListsService, ExceptionWriteOffsService, WriteOffBookings, BookWriteOffsWorker],
  ];
}
