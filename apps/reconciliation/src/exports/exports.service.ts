import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { DomainError } from '../domain/errors.ts';
import { JournalRepository } from '../journal/journal.repository.ts';
import type { ExportWish, GlExport, GlPart, StoredExport } from './gl-export.ts';
import { GlExportRepository } from './gl-export.repository.ts';
import { writerOf } from './writers.ts';

/** So many entries are read, written and kept at once; where there are more, the next export goes on. */
const ENTRIES_MAX = 20_000;
const LOOK_EVERY_MS = 20;
const LOOKS_MAX = 100;

/** The books for other programs. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly exports: GlExportRepository,
    private readonly journal: JournalRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Without a range: what the last export of the format does not have yet.
   * @throws DomainError `export_empty`, `ledger_busy`
   */
  async create(tx: Tx, tenantId: string, { format, detail, fromSeq, toSeq }: ExportWish): Promise<StoredExport> {
    const booked = await this.settled(tx);
    const from = fromSeq ?? ((await this.exports.latest(tx, tenantId, format)) ?? 0) + 1;
    const to = Math.min(toSeq ?? booked.last, booked.last);
    const [entries, accounts] = await Promise.all([
      this.journal.range(tx, from, to, ENTRIES_MAX),
      this.exports.accounts(tx),
    ]);
    const last = entries.at(-1);
    if (!last) throw nothingToExport(from, to);
    const files = writerOf(format, detail)({ entries, accounts, isFromStart: entries[0]!.seq === booked.first });
    const parts = files.map(({ text, ...file }): GlPart => ({ ...file, content: Buffer.from(text) }));
    const made: GlExport = {
      ...{ id: newId(), format, detail, fromSeq: from, entries: entries.length, createdAt: this.clock.now() },
      // What lies behind the last entry that is in it belongs to the next export.
      toSeq: entries.length < ENTRIES_MAX ? to : last.seq,
      sha256: parts.reduce((hash, { content }) => hash.update(content), createHash('sha256')).digest(),
    };
    await this.exports.insert(tx, tenantId, made, parts);
    return (await this.exports.find(tx, made.id))!;
  }

  find(tx: Tx, id: string): Promise<StoredExport | null> {
    return this.exports.find(tx, id);
  }

  page(tx: Tx, before: string | null, limit: number): Promise<StoredExport[]> {
    return this.exports.page(tx, before, limit);
  }

  content(tx: Tx, id: string, part: number): Promise<GlPart | null> {
    return this.exports.content(tx, id, part);
  }

  /**
   * A number is drawn before its entry is visible, so a later one may be seen first: who was writing when the last
   * number was read has to be done, or an entry would be in no export.
   */
  private async settled(tx: Tx): Promise<{ first: number; last: number }> {
    const booked = await this.exports.booked(tx);
    if (!booked) throw nothingToExport(1, 1);
    let writing = await this.exports.writers(tx);
    for (let looks = 0; writing.size > 0; looks++) {
      if (looks === LOOKS_MAX) throw new DomainError('ledger_busy', 'Entries are still being booked: try again.');
      await pause(LOOK_EVERY_MS);
      const still = await this.exports.writers(tx);
      writing = new Set([...writing].filter((writer) => still.has(writer)));
    }
    return booked;
  }
}

function nothingToExport(from: number, to: number): DomainError {
  return new DomainError('export_empty', `Nothing is booked from ${from} to ${to} that could be exported.`);
}
