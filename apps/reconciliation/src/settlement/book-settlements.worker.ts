import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { SettlementBookings } from './settlement-bookings.service.ts';

/** A report wakes it; what is matched, and what another process has read, waits no longer than this. */
const EVERY_MS = 5_000;

/** Books payouts and deposits apart from the requests that bring them: over HTTP nothing writes to the ledger. */
@Injectable()
export class BookSettlementsWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly bookings: SettlementBookings,
  ) {
    super('book-settlements', EVERY_MS);
  }

  protected async work(): Promise<number> {
    const payouts = await this.db.tx((tx) => this.bookings.bookPayouts(tx));
    const deposits = await this.db.tx((tx) => this.bookings.bookDeposits(tx));
    return payouts + deposits;
  }
}
