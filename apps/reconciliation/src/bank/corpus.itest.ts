// Public files of real banks and of other readers' tests, which lie beside the checkout where there are any.
import fs from 'node:fs';
import path from 'node:path';
import { describeWhere } from '@quittance/testing/describe-where';
import { tieOut } from '../domain/bank-statement.ts';
import { formatOf } from './detect.ts';

const besides = path.join(import.meta.dirname, '../../../../../shared/samples');
const samples = process.env['QUITTANCE_SAMPLES'] ?? besides;

/** Of each statement: state, opening and closing where they are said, and movement, in minor units. */
const expected: Readonly<Record<string, readonly string[] | string>> = {
  'camt053/bsp-camt.053.001.02.xml': ['balanced 50000000 43567850 -6432150'],
  'camt053/bsp-camt053_duplicate_same_day.xml': ['unproven - - -900'],
  'camt053/bsp-camt053_garbled_amount.xml': 'line 16: has an amount that is no number',
  'camt053/bsp-camt053_multicurrency.xml': ['balanced 1000000 1075025 75025', 'balanced 250000 240001 -9999'],
  'camt053/bsp-camt053_no_namespace.xml': ['balanced 10000 35000 25000'],
  'camt053/genkgo-camt053.v2.five.decimals.xml': ['unbalanced 1815 2705 885'],
  'camt053/genkgo-camt053.v2.minimal.xml': ['unbalanced 1815 - 885'],
  'camt053/genkgo-camt053.v3.xml': ['unbalanced 1815 - 885'],
  'camt053/genkgo-camt053.v8.xml': ['unbalanced 1815 - 885'],
  'camt053/genkgo-camt054.v2.xml': ['unproven - - -20000000'],
  'camt053/genkgo-camt054.v8-with-UETR.xml': ['unproven - - -20000000'],
  'bai2/moov-sample-parseError.bai2': 'no format',
  'bai2/moov-sample1.bai2': ['unproven - - 0', 'unproven - - 0'],
  'bai2/moov-sample2.bai2': [
    ...['unproven 4350000 - 450000', 'unproven -500000 - 500000', 'unproven 10000000 - 30000000'],
    ...['unproven 500000 - 0', 'unproven 800000 - 0'],
  ],
  // Masked by hand: its trailers are not those of its records any more.
  'bai2/moov-sample5-issue113.bai2': ['unbalanced', 'unbalanced', 'unbalanced', 'unbalanced', 'unbalanced'],
  'mt940/wolph-ASNB-mt940.txt': Array.from({ length: 31 }, () => 'balanced'),
  'mt940/wolph-citi-mt940.txt': ['balanced 1737667 1623392 -114275'],
  'mt940/wolph-cmxl-mt940.sta': 'line 4: has a currency that is none of ISO 4217',
  'mt940/wolph-mBank-mt940.sta': ['balanced 40 43 3'],
  'mt940/wolph-mBank-with_newline_in_tnr.sta': ['unbalanced 46 86017 8900'],
  'mt940/wolph-self-provided-february_30.sta': ['balanced 120000 119400 -600'],
  'mt940/wolph-self-provided-multiline.sta': 'line 38: :61: is of no message: its :20: is missing',
  'ofx/bsp-sample.ofx': ['unproven - - 117025'],
  'ofx/ofxparse-bank_medium.ofx': ['unproven - 38234 -34527'],
  'ofx/ofxparse-bank_small.ofx': 'line 1: no statement is in it',
  'ofx/ofxparse-checking.ofx': ['unproven - 10099 -5950'],
  'ofx/ofxparse-date_missing.ofx': ['unbalanced - 0 32000'],
  'ofx/ofxparse-decimal_error.ofx': 'line 21, transaction 1: has an amount that is no number',
  'ofx/ofxparse-empty_balance.ofx': ['unproven - - 12000'],
  'ofx/ofxparse-error_message.ofx': 'line 1: no statement is in it: the bank answered with the error 2000',
  'ofx/ofxparse-multiple_accounts.ofx': ['unproven - 11100 0', 'unproven - 22200 0'],
  'ofx/ofxparse-signon_fail.ofx': 'line 1: no statement is in it: the bank answered with the error 15500',
};

const isThere = fs.existsSync(path.join(samples, 'camt053'));
describeWhere(isThere, 'no public sample files beside the checkout: bank files are read from fixtures only')(
  'public files of banks',
  () => {
    it.each(Object.entries(expected))('%s', (name, outcome) => {
      const bytes = fs.readFileSync(path.join(samples, name));
      if (typeof outcome === 'string') expect(outcomeOf(bytes)).toEqual(outcome);
      else expect(outcomeOf(bytes)).toEqual(outcome.map((text): unknown => expect.stringMatching(`^${text}`)));
    });

    it('every file that is there is expected', () => {
      const folders = ['camt053', 'bai2', 'mt940', 'ofx'];
      const there = folders.flatMap((folder) =>
        fs.readdirSync(path.join(samples, folder)).map((name) => `${folder}/${name}`),
      );
      expect(there.toSorted()).toEqual(Object.keys(expected).toSorted());
    });

    it('a line that was said twice on one day is two lines', () => {
      const bytes = fs.readFileSync(path.join(samples, 'camt053/bsp-camt053_duplicate_same_day.xml'));
      expect(formatOf(bytes)!.read(bytes)[0]!.lines).toHaveLength(2);
    });
  },
);

function outcomeOf(bytes: Buffer): string[] | string {
  const format = formatOf(bytes);
  if (!format) return 'no format';
  try {
    return format.read(bytes).map((statement) => {
      const { state, movement } = tieOut(statement);
      return [state, statement.opening ?? '-', statement.closing ?? '-', movement].join(' ');
    });
  } catch (error) {
    return (error as Error).message;
  }
}
