import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import type { NewSchedule } from './schedule.builder.ts';
import { ScheduleRepository } from './schedule.repository.ts';

/** A schedule with all that belongs to it, in one round trip. */
@Injectable()
export class NewScheduleRepository {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly instalments: InstalmentRepository,
  ) {}

  async insert(tx: Tx, { schedule, instalments, lines }: NewSchedule): Promise<void> {
    await Promise.all([
      this.schedules.insert(tx, schedule),
      this.instalments.insert(tx, instalments),
      this.instalments.insertLines(tx, schedule.tenantId, lines),
    ]);
  }
}
