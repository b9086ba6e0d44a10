import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { FileAnswer, FormatReader, IncomingFile } from '../files/format-reader.ts';
import { BankStatementsService } from './bank-statements.service.ts';
import { bankFormats } from './detect.ts';
import type { BankFormat } from './detect.ts';
import { headOf } from './reading.ts';

/** Reads a file of one format whole, and then stores what is in it: what cannot be read leaves nothing. */
abstract class BankStatementReader implements FormatReader {
  readonly route = 'bank-statements';

  constructor(
    private readonly reads: BankFormat,
    private readonly statements: BankStatementsService,
  ) {}

  get format(): string {
    return this.reads.name;
  }

  detects(head: Buffer): boolean {
    return this.reads.detects(headOf(head));
  }

  async store(tx: Tx, file: IncomingFile): Promise<FileAnswer> {
    return this.statements.store(tx, file, this.format, this.reads.read(file.bytes));
  }
}

@Injectable()
export class CamtReader extends BankStatementReader {
  constructor(statements: BankStatementsService) {
    super(bankFormats.camt, statements);
  }
}

@Injectable()
export class OfxReader extends BankStatementReader {
  constructor(statements: BankStatementsService) {
    super(bankFormats.ofx, statements);
  }
}

@Injectable()
export class Bai2Reader extends BankStatementReader {
  constructor(statements: BankStatementsService) {
    super(bankFormats.bai2, statements);
  }
}

@Injectable()
export class Mt940Reader extends BankStatementReader {
  constructor(statements: BankStatementsService) {
    super(bankFormats.mt940, statements);
  }
}
