// Public files of an external corpus, which is not part of this repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describeWhere } from '@quittance/testing/describe-where';
import type { NachaFile } from './nacha-file.ts';
import { readNacha } from './read-nacha.ts';

const besides = join(import.meta.dirname, '../../../../../shared/samples');
const folder = join(process.env['QUITTANCE_SAMPLES'] ?? besides, 'nacha');
const bytesOf = (name: string) => readFileSync(join(folder, `moov-${name}`));
const entriesOf = (file: NachaFile) => file.batches.flatMap(({ entries }) => entries);
const inShort = (file: NachaFile) =>
  entriesOf(file).map(({ direction, amount, addenda }) => [
    ...[direction, amount],
    ...addenda.map((addendum) => (addendum.type === '05' ? '05' : `${addendum.code} ${addendum.originalTrace}`)),
  ]);
const codesOf = (file: NachaFile) => file.warnings.map(({ code }) => code);

describeWhere(existsSync(folder), 'No public ACH files beside the checkout: they are not read')('public files', () => {
  it('returns of two debits and credits', () => {
    const file = readNacha(bytesOf('return-WEB.ach'));
    expect(inShort(file)).toEqual([
      ['debit', 12_354n, 'R01 091400600000001'],
      ['credit', 4_565n, 'R03 091400600000003'],
    ]);
    expect([file.debit, file.credit, codesOf(file)]).toEqual([12_354n, 4_565n, []]);
  });

  it('a code that is in no table', () => {
    const file = readNacha(bytesOf('return-PPD-custom-reason-code.ach'));
    expect(inShort(file)).toEqual([['credit', 106_161n, 'R97 092221172022300']]);
  });

  it('a change that moves no money', () => {
    const file = readNacha(bytesOf('cor-example.ach'));
    expect(inShort(file)).toEqual([['credit', 0n, 'C01 121042880000001']]);
    expect([file.debit, file.credit, codesOf(file)]).toEqual([0n, 0n, []]);
  });

  it('entries without any header or control', () => {
    const file = readNacha(bytesOf('return-no-batch-header.ach'));
    expect(inShort(file).map(([, , code]) => code)).toEqual(['R01 091400600000001', 'C01 121042880000001']);
    expect(codesOf(file)).toEqual(['no_batch_header', 'no_batch_control', 'no_file_header', 'no_file_control']);
  });

  it.each([
    ['ccd-debit.ach', 2, 500_125n],
    ['ppd-debit.ach', 1, 100_000_000n],
    ['FISERV-ZEROFILE-PIMRET825324_032720_110221.ach', 0, 0n],
  ])('%s adds up', (name, entries, debit) => {
    const file = readNacha(bytesOf(name));
    expect([file.entries, file.debit, codesOf(file)]).toEqual([entries, debit, []]);
  });

  it('a large one: every entry and addendum, as its control has them', () => {
    const file = readNacha(gunzipSync(bytesOf('CCD+addenda05-200-batches-100000-entries.ach.gz')));
    expect([file.batches.length, file.entries, file.addenda]).toEqual([200, 100_000, 100_000]);
    expect([file.debit + file.credit > 0n, codesOf(file)]).toEqual([true, []]);
  });
});
