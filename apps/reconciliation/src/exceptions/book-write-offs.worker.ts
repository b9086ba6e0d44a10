import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { WriteOffBookings } from './write-off-bookings.service.ts';

const EVERY_MS = 5_000;

/**
 * Books what people wrote off, apart from their requests: nothing writes to the ledger over HTTP. The entry and the
 * mark that it is booked are one transaction, so a crash in between books it once all the same.
 */
@Injectable()
export class BookWriteOffsWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly bookings: WriteOffBookings,
  ) {
    super('book-write-offs', EVERY_MS);
  }

  protected async work(): Promise<number> {
    const booked = await this.db.tx((tx) => this.bookings.book(tx));
    const mirrored = await this.db.tx((tx) => this.bookings.mirror(tx));
    return booked + mirrored;
  }
}
