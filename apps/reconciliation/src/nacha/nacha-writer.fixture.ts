// Writes ACH files for tests, with controls that add up.
export interface WrittenEntry {
  code?: string;
  rdfi?: string;
  cents: number;
  identification?: string;
  trace: string;
  addenda?: string[];
}
export interface WrittenBatch {
  companyId?: string;
  entryClass?: string;
  effective?: string;
  entries: WrittenEntry[];
}

const number = (value: number, length: number) => String(value).padStart(length, '0').slice(-length);
const text = (value: string, length: number) => value.padEnd(length).slice(0, length);

export function returnAddendum(code: string, originalTrace: string, answer = ''): string {
  const head = `799${code}${text(originalTrace, 15)}${text('', 6)}09100001`;
  return `${head}${text('', 3)}${text(answer, 41)}${text('091000010000001', 15)}`;
}
/** What answers a return: which one, its settlement day, and its code. */
export const answered = (returnTrace: string, code: string) => `${text(returnTrace, 15)}012${code.slice(1)}`;
export const changeAddendum = (code: string, originalTrace: string) =>
  text(`798${code}${text(originalTrace, 15)}${text('', 6)}12104288${text('CORRECTED', 29)}`, 79) + '091012980000088';
export const trnAddendum = (trn02: string, trn03: string) =>
  `705${text(`TRN*1*${trn02}*${trn03}\\`, 80)}${number(1, 4)}${number(1, 7)}`;

const isDebit = (code: string) => Number(code[1]) > 4;

export function nachaFile(batches: readonly WrittenBatch[], { ending = '\n', created = '250106' } = {}): Buffer {
  const whole = { entries: 0, hash: 0, debit: 0, credit: 0 };
  const records = [
    `101 0910000191234567890${created}0900A094101${text('OUR BANK', 23)}${text('US', 23)}${text('', 8)}`,
  ];
  batches.forEach((batch, index) => {
    const sums = { entries: 0, hash: 0, debit: 0, credit: 0 };
    const { companyId = '1234567890', entryClass = 'PPD', effective = created, entries } = batch;
    const head = `5200${text('INSURER', 16)}${text('', 20)}${text(companyId, 10)}${entryClass}${text('PREMIUM', 10)}`;
    records.push(`${head}${text('', 6)}${text(effective, 6)}${text('', 3)}109100001${number(index + 1, 7)}`);
    for (const { code = '26', rdfi = '09100001', cents, identification = '', trace, addenda = [] } of entries) {
      const flag = addenda.length > 0 ? '1' : '0';
      const about = `${number(cents, 10)}${text(identification, 15)}${text('A PERSON', 22)}`;
      records.push(`6${code}${rdfi}9${text('000123456789', 17)}${about}  ${flag}${text(trace, 15)}`, ...addenda);
      for (const each of [sums, whole]) {
        each.entries += 1 + addenda.length;
        each.hash += Number(rdfi);
        each[isDebit(code) ? 'debit' : 'credit'] += cents;
      }
    }
    const control = `8200${number(sums.entries, 6)}${number(sums.hash, 10)}${number(sums.debit, 12)}`;
    records.push(
      `${control}${number(sums.credit, 12)}${text(companyId, 10)}${text('', 25)}09100001${number(index + 1, 7)}`,
    );
  });
  const count = `${number(batches.length, 6)}${number(1, 6)}${number(whole.entries, 8)}${number(whole.hash, 10)}`;
  records.push(`9${count}${number(whole.debit, 12)}${number(whole.credit, 12)}${text('', 39)}`);
  while (records.length % 10 !== 0) records.push('9'.repeat(94));
  return Buffer.from(records.map((record) => record + ending).join(''), 'latin1');
}
