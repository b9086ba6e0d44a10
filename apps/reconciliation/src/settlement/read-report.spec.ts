import { csvRows } from './csv.ts';
import { looksLikeReport, readReportCsv } from './read-report-csv.ts';
import { readReportJson } from './read-report-json.ts';

const header =
  'balance_transaction_id,created_utc,reporting_category,gross,fee,net,currency,payment_intent_id,charge_id,' +
  'automatic_payout_id,automatic_payout_effective_at_utc';
const charge = 'txn_1,2025-01-02 10:00:00,charge,100.00,3.20,96.80,usd,pi_1,ch_1,po_1,2025-01-03 00:00:00';

it('reads a line of CSV by the names of its columns', () => {
  expect(looksLikeReport(header)).toBe(true);
  expect(readReportCsv(`${header}\r\n${charge}\r\n`)).toEqual([
    {
      ...{ line: 2, id: 'txn_1', reportedCategory: 'charge', category: 'charge', currency: 'USD' },
      ...{ gross: 10_000n, fee: 320n, net: 9_680n, references: ['pi_1', 'ch_1'] },
      ...{ payout: 'po_1', arrivesOn: '2025-01-03', createdOn: '2025-01-02' },
    },
  ]);
});

it('reads the same of JSON, in minor units', () => {
  const data = [
    {
      ...{ id: 'txn_1', object: 'balance_transaction', reporting_category: 'charge', currency: 'usd' },
      ...{ amount: 10_000, fee: 320, net: 9_680, source: { id: 'ch_1', payment_intent: 'pi_1' }, payout: 'po_1' },
      ...{ created: Date.UTC(2025, 0, 2) / 1_000, available_on: Date.UTC(2025, 0, 3) / 1_000 },
    },
  ];
  const [fromCsv] = readReportCsv(`${header}\n${charge}`);
  expect(readReportJson(JSON.stringify({ object: 'list', data }))).toEqual([{ ...fromCsv, line: 1 }]);
  expect(readReportJson(JSON.stringify(data))).toHaveLength(1);
});

it('reads cells that hold commas, quotes and line breaks, and counts lines', () => {
  const rows = [...csvRows('\uFEFFa,"b, ""c""\nd"\r\n\r\n"",e\rf')];
  expect(rows).toEqual([
    { line: 1, cells: ['a', 'b, "c"\nd'] },
    { line: 4, cells: ['', 'e'] },
    { line: 5, cells: ['f'] },
  ]);
});

it.each([
  ['', 'Line 1 has no names of columns.'],
  ['id,net\n', 'Line 1 names no column for category, currency, gross, fee.'],
  [`${header}\n${charge.replace('96.80', '96.805')}`, 'Line 2 has no amount of USD in its column net.'],
  [`${header}\n${charge.replace('96.80', '')}`, 'Line 2 has no amount of USD in its column net.'],
  [`${header}\n${charge.replace('usd', 'us')}`, 'Line 2 has no currency in its column currency.'],
  [`${header}\n${charge.replace('txn_1', '')}`, 'Line 2 has nothing in its column id.'],
  [`${header}\n"open`, 'Line 2 opens a quote that nothing closes.'],
  [`${header}\n"a"b`, 'Line 2 goes on after a closing quote.'],
])('refuses CSV and names the place: %j', (text, message) => {
  expect(() => readReportCsv(text)).toThrow(message);
});

it.each([
  ['{', 'The file is no JSON, or not whole.'],
  ['{}', 'The field /data is no list of transactions.'],
  ['[null]', 'The field /data/0/currency is no text.'],
  [
    '[{"id":"a","reporting_category":"charge","currency":"usd","amount":1.5,"fee":0,"net":1}]',
    'The field /data/0/amount is no whole number of minor units.',
  ],
  [
    '[{"id":"a","reporting_category":"charge","currency":"abc","amount":1,"fee":0,"net":1}]',
    'The field /data/0/currency is no currency.',
  ],
])('refuses JSON and names the place: %j', (text, message) => {
  expect(() => readReportJson(text)).toThrow(message);
});

it('knows a report by its first line', () => {
  expect([header, '"reporting_category","net"', 'date,net', 'hello'].map(looksLikeReport)).toEqual([
    ...[true, true, false, false],
  ]);
});
