import { Injectable } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { FileAnswer, FormatReader, IncomingFile } from '../files/format-reader.ts';
import type { NachaBatch } from '../nacha/nacha-file.ts';
import { readNacha } from '../nacha/read-nacha.ts';
import { ReturnsService } from './returns.service.ts';

/** ACH files: what we sent, what came back, what changed. */
@Injectable()
export class NachaReader implements FormatReader {
  readonly format = 'nacha';
  readonly route = 'bank-statements';

  constructor(private readonly returns: ReturnsService) {}

  /** By its header; parts of files begin with a batch, or with an entry of ten digits of routing and amount. */
  detects(head: Buffer): boolean {
    const text = head.toString('latin1').trimStart();
    return /^101[ \d].{19}\d{6}/.test(text) || /^5(200|220|225|280)/.test(text) || /^6\d{2}\d{9}.{17}\d{10}/.test(text);
  }

  async store(tx: Tx, file: IncomingFile): Promise<FileAnswer> {
    const read = readNacha(file.bytes);
    const of = { tenantId: file.tenantId, fileId: file.id, now: file.receivedAt };
    const { found, exceptions } = await this.returns.store(tx, of, read);
    const money = (minor: bigint) => formatAmount({ minor, currency: 'USD' });
    return {
      lines: read.entries,
      batches: read.batches.map(answerOf),
      returns: found.map(({ id, kind, code, paymentLocator, amount, originalTrace }) => ({
        ...{ id, kind, code, originalTrace, paymentLocator, amount: money(amount), currency: 'USD' },
      })),
      exceptions,
      ...(read.warnings.length > 0 ? { warnings: read.warnings } : {}),
    };
  }
}

function answerOf({ header, entries }: NachaBatch) {
  return { number: header?.number ?? null, entryClass: header?.entryClass ?? null, entries: entries.length };
}
