import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { differenceWrittenOff } from '../domain/exception-write-off.ts';
import { JournalService } from '../journal/journal.service.ts';
import { ExceptionWriteOffRepository } from './exception-write-off.repository.ts';
import type { ExceptionWriteOff } from './work-exception.ts';

const BATCH = 200;
const WRITTEN_OFF = 'exception_written_off';
const UNDONE = 'exception_write_off_undone';

/** Write-offs in the books: one entry for each, and its mirror when the exception was opened again. */
@Injectable()
export class WriteOffBookings {
  constructor(
    private readonly writeOffs: ExceptionWriteOffRepository,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** @returns how many */
  async book(tx: Tx): Promise<number> {
    const done = await this.writeOffs.claimToBook(tx, BATCH);
    await this.journal.record(
      tx,
      done.map(({ tenantId, id, amount, role, isSmall, doneOn }) => ({
        ...{ tenantId, ...sourceOf(id), kind: WRITTEN_OFF, effectiveOn: doneOn! },
        lines: differenceWrittenOff(amount, role, isSmall),
      })),
    );
    await this.writeOffs.mark(tx, 'booked', done, this.clock.now());
    return done.length;
  }

  /** @returns how many */
  async mirror(tx: Tx): Promise<number> {
    const undone = await this.writeOffs.claimToMirror(tx, BATCH);
    await this.journal.recordMirrors(tx, undone.map(mirrorOf));
    await this.writeOffs.mark(tx, 'mirrored', undone, this.clock.now());
    return undone.length;
  }
}

function mirrorOf({ tenantId, id, undoneOn }: ExceptionWriteOff) {
  const of = { kind: WRITTEN_OFF, ...sourceOf(id) };
  return { tenantId, kind: UNDONE, ...sourceOf(id), effectiveOn: undoneOn!, of };
}

const sourceOf = (id: string) => ({ source: { type: 'exception_write_off', id } });
