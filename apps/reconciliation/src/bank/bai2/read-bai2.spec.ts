import { tieOut } from '../../domain/bank-statement.ts';
import { signOfType } from './bai2-detail.ts';
import { readBai2 } from './read-bai2.ts';

/** A file of one account around some details, with its totals right; `amounts` is what they add to the control. */
const file = (
  details: string[],
  amounts: number,
  { head = '03,4711,USD,010,1000,,/', group = '1', records = 0 } = {},
) => {
  const n = details.length + records;
  const total = 1_000 + amounts;
  return [
    ...['01,BANK,US,260302,0600,1,,,2/', `02,US,BANK,${group},260302,,USD,/`, head, ...details],
    ...[`49,${total},${n + 2}/`, `98,${total},1,${n + 4}/`, `99,${total},1,${n + 6}/`, ''],
  ].join('\n');
};
const read = (text: string) => readBai2(Buffer.from(text))[0]!;
const lineOf = (detail: string, amounts: number) => read(file([detail], amounts)).lines[0]!;

describe('a detail', () => {
  it.each<[string, number, bigint, string | null, string | null, string]>([
    ['16,195,2500,Z,BANK1,CUST1,WIRE IN/', 2_500, 2_500n, 'BANK1', 'CUST1', 'WIRE IN'],
    ['16,195,2500,0,BANK1,CUST1,WIRE, WITH COMMAS/', 2_500, 2_500n, 'BANK1', 'CUST1', 'WIRE, WITH COMMAS'],
    ['16,455,000000000002500,V,260303,,BANK1,CUST1,OUT/', 2_500, -2_500n, 'BANK1', 'CUST1', 'OUT'],
    ['16,115,450000,S,100000,200000,150000,B,C,LOCKBOX/', 450_000, 450_000n, 'B', 'C', 'LOCKBOX'],
    ['16,142,70,D,2,0,20,1,50,B,C,ACH/', 70, 70n, 'B', 'C', 'ACH'],
    ['16,142,70,,,,/', 70, 70n, null, null, ''],
    ['16,142,70,Z,B,C,no end mark', 70, 70n, 'B', 'C', 'no end mark'],
  ])('%s', (detail, amounts, amount, bank, customer, text) => {
    const line = lineOf(detail, amounts);
    expect([line.amount, line.references.bank, line.references.customer, line.text]).toEqual([
      amount,
      bank,
      customer,
      text,
    ]);
  });

  it('has its value date, and the day of the group', () => {
    expect(lineOf('16,455,1,V,260305,,,,X/', 1)).toMatchObject({ valueOn: '2026-03-05', bookedOn: '2026-03-02' });
  });

  it.each([
    ['100', 1n],
    ['399', 1n],
    ['400', -1n],
    ['699', -1n],
    ['701', null],
    ['890', null],
    ['920', 1n],
    ['960', -1n],
  ])('of type %s has the sign %s', (type, sign) => {
    expect(signOfType(type)).toBe(sign);
  });

  it('of a type without a sign holds the statement, as what it is nobody knows', () => {
    expect(tieOut(read(file(['16,721,5,Z,,,LOAN/'], 5))).faults).toEqual([
      'type 721 says neither credit nor debit (line 4)',
    ]);
  });

  it('goes on in 88, also with the trace of an 835 in pieces, and a mistyped comma', () => {
    const details = ['16,142,9,Z,B,C,HCCLAIMPMT/', '88,EREF: E2E-1/', '88,TRN*1*E12*151/', '88,2345678~/', '88:MORE'];
    const [line] = read(file(details, 9)).lines;
    expect(line).toMatchObject({ trn02: 'E12', trn03: '1512345678', references: { endToEnd: 'E2E-1' } });
    expect(line!.text).toBe('HCCLAIMPMT\nEREF: E2E-1\nTRN*1*E12*151\n2345678~\nMORE');
  });
});

describe('an account', () => {
  it('goes on in 88, and adds up with its balances', () => {
    const head = '03,4711,,010,1000,,,100/\n88,2500,1,,015,3500,,/';
    const text = file(['16,195,2500,Z,B,C,IN/'], 2_500 + 2_500 + 3_500, { head, records: 1 });
    const statement = read(text);
    expect([tieOut(statement).state, statement.opening, statement.closing]).toEqual(['balanced', 1_000n, 3_500n]);
    expect(read(text.replaceAll('\n', '\r\n').replaceAll('/\r', '/      \r'))).toEqual(statement);
  });

  it('may share its lines with other records', () => {
    const text = file(['16,195,2500,Z,B,C,IN/'], 2_500);
    const [first, second, third, ...rest] = text.split('\n');
    expect(read([`${first}${second}${third}`, ...rest].join('\n'))).toEqual(read(text));
  });
});

describe('control totals and counts are held against what is there', () => {
  const good = file(['16,195,2500,Z,B,C,IN/'], 2_500);
  it.each([
    ['49,3500,3', '49,3501,3', 'trailer 49 says control 3501, there is 3500'],
    ['49,3500,3', '49,3500,4', 'trailer 49 says records 4, there is 3'],
    ['98,3500,1,5', '98,3500,2,5', 'trailer 98 says accounts 2, there is 1'],
    ['98,3500,1,5', '98,1,1,5', 'trailer 98 says control 1, there is 3500'],
    ['99,3500,1,7', '99,3500,1,8', 'trailer 99 says records 8, there is 7'],
    ['99,3500,1,7', '99,3500,3,7', 'trailer 99 says groups 3, there is 1'],
    ['16,195,2500', '16,195,2501', 'trailer 49 says control 3500, there is 3501'],
  ])('%s as %s', (was, is, fault) => {
    expect(tieOut(read(good)).faults).toEqual([]);
    expect(tieOut(read(good.replace(was, is))).faults).toContain(fault);
  });

  it('a group that the bank marked as deleted or as a test is held', () => {
    expect(tieOut(read(file([], 0, { group: '2' }))).state).toBe('unbalanced');
    expect(tieOut(read(file([], 0, { group: '4' }))).state).toBe('unbalanced');
  });
});

describe('is refused at its line', () => {
  const good = file(['16,195,2500,Z,B,C,IN/'], 2_500);
  it.each([
    [
      'a file without its end',
      good.slice(0, good.indexOf('99,')),
      'the end: the file is cut off: its trailer 99 is missing',
    ],
    ['a record of nobody', good.replace('02,US', '17,US'), 'line 2: is no record of BAI2'],
    ['a detail without an account', good.replace(/03,.*\n/, ''), 'line 3: is a detail of no account'],
    ['an amount that is none', good.replace('195,2500', '195,25.00'), 'line 4: has an amount that is no number'],
    ['an account inside another', good.replace(/(03,.*\n)/, '$1$1'), 'line 4: begins an account in no group'],
    ['more behind the end', `${good}99,0,0,0/`, 'line 8: stands outside of a file'],
    ['a continuation of nothing', `88,x/\n${good}`, 'line 1: continues nothing'],
    ['funds over no number of days', good.replace(',Z,', ',D,x,'), 'line 4: distributes funds over no number of days'],
    ['a day that is none', good.replaceAll('260302', '261302'), 'line 2: has an as-of date that is none'],
  ])('%s', (_, text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });
});
