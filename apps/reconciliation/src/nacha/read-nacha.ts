import { unreadable, dateField, digits, field, recordsOf } from './records.ts';
import type { NachaRecord } from './records.ts';
import type { Addendum, BatchHeader, NachaBatch, NachaEntry, NachaFile, NachaWarning } from './nacha-file.ts';

const HASH_DIGITS = 10_000_000_000;
const TRN = /TRN\*1\*([^*~\\]{1,50})\*([^*~\\]{10})/;
/** Enough to see what kind of fault it is; a file of nothing but faults must not fill the memory. */
const WARNINGS_MAX = 100;

interface OpenEntry extends Omit<NachaEntry, 'addenda'> {
  readonly addenda: Addendum[];
}
interface OpenBatch {
  readonly header: BatchHeader | null;
  readonly entries: OpenEntry[];
}
interface Totals {
  entries: number;
  hash: number;
  debit: number;
  credit: number;
}

const nothing = (): Totals => ({ entries: 0, hash: 0, debit: 0, credit: 0 });

/**
 * Reads an ACH file of original entries, returns, dishonoured returns and changes. What does not add up is a warning;
 * parts of a file that come without its header or control are read as well.
 * @throws DomainError `file_unreadable` that names the record and the byte where it stops making sense
 */
export function readNacha(bytes: Buffer): NachaFile {
  const reading = new Reading();
  for (const record of recordsOf(bytes)) reading.take(record);
  return reading.end();
}

class Reading {
  private readonly batches: OpenBatch[] = [];
  private readonly warnings: NachaWarning[] = [];
  private readonly whole = nothing();
  private batch: OpenBatch | null = null;
  private sums = nothing();
  private entry: OpenEntry | null = null;
  private addenda = 0;
  private headers = 0;
  private controls = 0;
  private last = 0;
  private createdOn: string | null = null;

  take(record: NachaRecord): void {
    this.last = record.number;
    if (record.isTooLong) this.warn('record_length', 'The record is longer than 94 characters.');
    switch (record.type) {
      case '1':
        this.headers += 1;
        this.createdOn ??= dateField(record, 24, 29);
        return;
      case '5':
        this.endBatch();
        this.begin(headerOf(record));
        return;
      case '6':
        return this.takeEntry(record);
      case '7':
        return this.takeAddendum(record);
      case '8':
        return this.closeBatch(record);
      default:
        return this.closeFile(record);
    }
  }

  end(): NachaFile {
    this.endBatch();
    const isEmpty = this.headers === 0 && this.batches.length === 0;
    if (isEmpty) throw unreadable(1, 0, 'begins neither a file, nor a batch, nor an entry');
    if (this.headers === 0) this.warn('no_file_header', 'The file has no header.');
    if (this.controls === 0) this.warn('no_file_control', 'The file has no control record.');
    const batches: NachaBatch[] = this.batches.map((batch, index) => ({ index, ...batch }));
    const { createdOn, warnings, addenda } = this;
    const entries = batches.reduce((sum, batch) => sum + batch.entries.length, 0);
    const [debit, credit] = [BigInt(this.whole.debit), BigInt(this.whole.credit)];
    return { createdOn, batches, entries, addenda, debit, credit, warnings };
  }

  private begin(header: BatchHeader | null): OpenBatch {
    const batch: OpenBatch = { header, entries: [] };
    this.batches.push(batch);
    this.batch = batch;
    this.sums = nothing();
    return batch;
  }

  private takeEntry(record: NachaRecord): void {
    if (!this.batch) this.warn('no_batch_header', 'An entry stands outside of any batch.');
    const { entries } = this.batch ?? this.begin(null);
    const entry = entryOf(record);
    const amount = Number(entry.amount);
    this.entry = entry;
    entries.push(entry);
    const hash = digits(record, 4, 11, 'routing number');
    for (const sums of [this.sums, this.whole]) {
      sums.entries += 1;
      sums.hash = (sums.hash + hash) % HASH_DIGITS;
      sums[entry.direction] += amount;
    }
  }

  private takeAddendum(record: NachaRecord): void {
    if (!this.entry) throw unreadable(record.number, record.offset, 'is an addendum without an entry');
    this.addenda += 1;
    this.sums.entries += 1;
    this.whole.entries += 1;
    const addendum = addendumOf(record);
    if (addendum) this.entry.addenda.push(addendum);
  }

  private closeBatch(record: NachaRecord): void {
    if (!this.batch) return this.warn('no_batch_header', 'A batch control stands outside of any batch.');
    this.compare(record, this.sums, { entries: [5, 10], hash: [11, 20], debit: [21, 32], credit: [33, 44] });
    this.batch = null;
    this.entry = null;
  }

  private closeFile(record: NachaRecord): void {
    this.controls += 1;
    this.endBatch();
    const batches = digits(record, 2, 7, 'number of batches');
    if (batches !== this.batches.length) {
      this.warn('batch_count', `The control counts ${batches} batches, the file has ${this.batches.length}.`);
    }
    this.compare(record, this.whole, { entries: [14, 21], hash: [22, 31], debit: [32, 43], credit: [44, 55] });
  }

  private endBatch(): void {
    if (this.batch) this.warn('no_batch_control', 'A batch has no control record.');
    this.batch = null;
    this.entry = null;
  }

  private compare(record: NachaRecord, found: Totals, at: Readonly<Record<keyof Totals, readonly [number, number]>>) {
    const said = (what: keyof Totals) => digits(record, ...at[what], what);
    if (said('entries') !== found.entries) {
      this.warn(
        'entry_count',
        `The control counts ${said('entries')} entries and addenda, there are ${found.entries}.`,
      );
    }
    if (said('hash') !== found.hash) this.warn('entry_hash', 'The entry hash is not that of the entries.');
    for (const what of ['debit', 'credit'] as const) {
      if (said(what) === found[what]) continue;
      this.warn('totals', `The control has ${said(what)} cents of ${what}, the entries have ${found[what]}.`);
    }
  }

  private warn(code: NachaWarning['code'], detail: string): void {
    if (this.warnings.length < WARNINGS_MAX) this.warnings.push({ code, record: this.last, detail });
  }
}

function headerOf(record: NachaRecord): BatchHeader {
  return {
    companyId: field(record, 41, 50),
    entryClass: field(record, 51, 53),
    description: field(record, 54, 63),
    effectiveOn: dateField(record, 70, 75),
    odfi: field(record, 80, 87),
    number: digits(record, 88, 94, 'batch number'),
  };
}

/** The second digit of the transaction code says the way: up to 4 it pays into the account, above it takes from it. */
function entryOf(record: NachaRecord): OpenEntry {
  const code = digits(record, 2, 3, 'transaction code');
  return {
    record: record.number,
    direction: code % 10 <= 4 ? 'credit' : 'debit',
    amount: BigInt(digits(record, 30, 39, 'amount')),
    identification: field(record, 40, 54),
    trace: field(record, 80, 94),
    addenda: [],
  };
}

function addendumOf(record: NachaRecord): Addendum | null {
  const type = field(record, 2, 3);
  const code = field(record, 4, 6);
  switch (type) {
    case '05': {
      const [, trn02, trn03] = TRN.exec(record.text) ?? [];
      return { type, trn: trn02 === undefined || trn03 === undefined ? null : { trn02, trn03 } };
    }
    case '98':
      return { type, code, originalTrace: field(record, 7, 21) };
    case '99': {
      const isAnswer = /^\d{15}$/.test(field(record, 39, 53)) && /^\d\d$/.test(field(record, 57, 58));
      return {
        ...{ type, code, originalTrace: field(record, 7, 21) },
        returnTrace: isAnswer ? field(record, 39, 53) : null,
        returnCode: isAnswer ? `R${field(record, 57, 58)}` : null,
      };
    }
    default:
      // IAT's 10 to 18 and POS's 02 say who and where: nothing that a return or a match needs.
      return null;
  }
}
