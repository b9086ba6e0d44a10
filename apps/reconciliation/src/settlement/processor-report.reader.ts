import { Injectable } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ReportLine } from '../domain/payout.ts';
import type { FileAnswer, FormatReader, IncomingFile } from '../files/format-reader.ts';
import { BookSettlementsWorker } from './book-settlements.worker.ts';
import { looksLikeReport, readReportCsv } from './read-report-csv.ts';
import { readReportJson } from './read-report-json.ts';
import { SettlementsService } from './settlements.service.ts';
import type { JudgedBatch } from './settlements.service.ts';

/** No report says whose it is; Stripe's are those that are read. */
const DEFAULT_PROCESSOR = 'stripe';

/** Takes the lines of a report in, however it was written; what adds up is booked as soon as that has committed. */
@Injectable()
export class ReportIntake {
  private readonly bookSoon = () => this.booker.kick();

  constructor(
    private readonly settlements: SettlementsService,
    private readonly booker: BookSettlementsWorker,
  ) {}

  async store(tx: Tx, file: IncomingFile, lines: readonly ReportLine[]): Promise<FileAnswer> {
    const { tenantId, id: fileId, receivedAt: now } = file;
    const of = { tenantId, processor: DEFAULT_PROCESSOR, fileId, now };
    const { judged, exceptions } = await this.settlements.store(tx, of, lines);
    tx.afterCommit(this.bookSoon);
    return { lines: lines.length, batches: judged.map(answerOf), exceptions };
  }
}

/** A processor's report of what it paid out, as CSV. */
@Injectable()
export class ProcessorCsvReader implements FormatReader {
  readonly format = 'processor_report_csv';
  readonly route = 'bank-statements';

  constructor(private readonly intake: ReportIntake) {}

  detects(head: Buffer): boolean {
    return looksLikeReport(head.toString('utf8'));
  }

  store(tx: Tx, file: IncomingFile): Promise<FileAnswer> {
    return this.intake.store(tx, file, readReportCsv(file.bytes.toString('utf8')));
  }
}

/** The same as JSON: a list of balance transactions. */
@Injectable()
export class ProcessorJsonReader implements FormatReader {
  readonly format = 'processor_report_json';
  readonly route = 'bank-statements';

  constructor(private readonly intake: ReportIntake) {}

  detects(head: Buffer): boolean {
    return /^\uFEFF?\s*[[{]/.test(head.toString('utf8')) && head.includes('"reporting_category"');
  }

  store(tx: Tx, file: IncomingFile): Promise<FileAnswer> {
    return this.intake.store(tx, file, readReportJson(file.bytes.toString('utf8').replace(/^\uFEFF/, '')));
  }
}

function answerOf({ batch, totals }: JudgedBatch) {
  const { id, payoutRef: payoutReference, currency } = batch;
  const state = totals.offBy === 0n ? 'balanced' : 'unbalanced';
  return { id, payoutReference, state, net: formatAmount({ minor: totals.net, currency }), currency };
}
