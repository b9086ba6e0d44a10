import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { FileAnswer, FormatReader, IncomingFile } from '../files/format-reader.ts';
import { readRemittanceParts } from '../x12/remittance-reader.ts';
import { PostRemittancesWorker } from './post-remittances.worker.ts';
import { moneyText, RemittancesService } from './remittances.service.ts';
import type { TakenRemittance } from './remittances.service.ts';

/** X12 835s of payers, with or without the envelope of an interchange. */
@Injectable()
export class RemittanceReader implements FormatReader {
  readonly format = 'x12_835';
  readonly route = 'remittances';
  private readonly postSoon = () => this.poster.kick();

  constructor(
    private readonly remittances: RemittancesService,
    private readonly poster: PostRemittancesWorker,
  ) {}

  detects(head: Buffer): boolean {
    return /^(\xEF\xBB\xBF)?\s*(ISA.|ST.835.)/.test(head.toString('latin1'));
  }

  async store(tx: Tx, file: IncomingFile): Promise<FileAnswer> {
    const { taken, exceptions } = await this.remittances.store(tx, file, () => readRemittanceParts([file.bytes]));
    tx.afterCommit(this.postSoon);
    return { remittances: taken.map(answerOf), exceptions };
  }
}

function answerOf({ remittance, isDuplicate }: TakenRemittance) {
  const { id, traceNumber, amount, claims, state, faults } = remittance;
  return {
    ...{ id, traceNumber, amount: moneyText(remittance), currency: amount.currency, claims, state },
    ...{ duplicate: isDuplicate, faults: faults.length },
  };
}
