import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { isDeposit, itemsOf } from '../domain/deposit.ts';
import type { AccountLine } from '../domain/deposit.ts';
import type { IncomingFile } from '../files/format-reader.ts';
import { ItemRepository } from '../matching/item.repository.ts';
import { depositReceived, fileProcessed } from './bank-event.ts';

/** So many lines at a time: their events and items are built in memory. */
const BATCH = 2_000;

/** Hands released lines on: to be matched, and, those that brought money, to whoever listens. */
@Injectable()
export class ReleasesService {
  constructor(
    private readonly items: ItemRepository,
    private readonly outbox: Outbox,
  ) {}

  async announce(tx: Tx, lines: readonly AccountLine[], now: Date): Promise<void> {
    for (let start = 0; start < lines.length; start += BATCH) {
      const batch = lines.slice(start, start + BATCH);
      const deposits = batch.filter(isDeposit);
      await Promise.all([
        this.items.add(tx, batch.flatMap(itemsOf)),
        this.outbox.append(
          tx,
          deposits.map((line) => depositReceived(line, now)),
        ),
      ]);
    }
  }

  async sayProcessed(
    tx: Tx,
    file: IncomingFile,
    done: { format: string; statements: number; lines: number; exceptions: number },
  ): Promise<void> {
    await this.outbox.append(tx, [fileProcessed(file, done)]);
  }
}
