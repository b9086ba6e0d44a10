import { tieOut } from '../../domain/bank-statement.ts';
import { readMt940 } from './read-mt940.ts';

const message = (...fields: string[]) =>
  [':20:S1', ':25:10020030/4711', ':28C:00027/001', ...fields, '-', ''].join('\r\n');
const statement = (...lines: string[]) => message(':60F:C260301EUR10,', ...lines, ':62F:C260302EUR20,');
const read = (text: string) => readMt940(Buffer.from(text))[0]!;
const lineOf = (field: string, information = '') =>
  read(statement(field, ...(information ? [information] : []))).lines[0]!;

describe('a line', () => {
  it.each<[string, bigint, boolean, boolean]>([
    [':61:2603020302C10,NTRFREF//BANK', 1_000n, false, false],
    [':61:2603020302D10,5NTRFREF//BANK', -1_050n, false, false],
    [':61:2603020302RC10,NTRFREF', -1_000n, true, false],
    [':61:2603020302RD10,NTRFREF', 1_000n, true, false],
    [':61:2603020302EC10,NTRFREF', 1_000n, false, true],
    // R is the last letter of the currency here: a funds code, no reversal.
    [':61:2603020302DR10,NTRFREF', -1_000n, false, false],
    [':61:260302    CR0,01NMSCREF', 1n, false, false],
    [':61:260302C10,NTRF', 1_000n, false, false],
  ])('%s is %s', (field, amount, reversal, pending) => {
    expect(lineOf(field)).toMatchObject({ amount, reversal, pending });
  });

  it.each([
    ['260302', '0302', '2026-03-02'],
    ['251231', '0102', '2026-01-02'],
    ['260101', '1231', '2025-12-31'],
    ['260302', '', '2026-03-02'],
  ])('valued %s and entered %s is booked on %s', (value, entryDay, bookedOn) => {
    expect(lineOf(`:61:${value}${entryDay}C1,NTRFX`).bookedOn).toBe(bookedOn);
  });

  it('of a February 30 is of its last day, with a warning', () => {
    const said = read(statement(':61:2602300301D6,NTRFX'));
    expect(said.lines[0]).toMatchObject({ valueOn: '2026-02-28', bookedOn: '2026-03-01' });
    expect(said.warnings).toEqual(["line 5 has a date that no calendar has: the month's last day is taken"]);
  });

  it.each([
    [':61:2603020302C10,NTRFREF//BANK', '', 'REF', 'BANK', null],
    [':61:2603020302C10,NTRFNONREF//BANK', '', null, 'BANK', null],
    [':61:2603020302C10,NTRFNONREF', ':86:/EREF/E2E-1/REMI/INVOICE 7/', null, null, 'E2E-1'],
    [':61:2603020302C10,NTRFNONREF', ':86:166?00GUTSCHRIFT?20EREF+E2E-2?21KREF+K1?22SVWZ+INVOICE', null, null, 'E2E-2'],
  ])('%s %s has its references', (field, information, customer, bank, endToEnd) => {
    expect(lineOf(field, information).references).toMatchObject({ customer, bank, endToEnd });
  });

  it('has the text of its 86, in its pieces or as it stands, with the second line of its 61', () => {
    const pieces = ':86:051?00UEBERWEISUNG?20Gehalt Okto\r\nber?21Firma?32ADA?33LOVELACE?30BLZ';
    expect(lineOf(':61:2603020302C1,NTRFX', pieces).text).toBe('UEBERWEISUNG\nGehalt OktoberFirma\nADALOVELACE');
    expect(lineOf(':61:2603020302C1,NTRFX\r\nSUPPLEMENT', ':86:FREE\r\nTEXT').text).toBe('FREE\nTEXT\nSUPPLEMENT');
  });

  it('knows the trace of an 835, wherever the line breaks', () => {
    expect(lineOf(':61:2603020302C1,NTRFX', ':86:HCCLAIMPMT TRN*1*E1\r\n2*1512345678~')).toMatchObject({
      trn02: 'E12',
    });
  });
});

describe('a statement', () => {
  it('adds up, or does not', () => {
    const good = read(statement(':61:2603020302C10,NTRFX'));
    expect([tieOut(good).state, good.sequence, good.account]).toEqual([
      'balanced',
      '27/1',
      { bank: '10020030', number: '4711' },
    ]);
    expect(tieOut(read(statement(':61:2603020302C10,01NTRFX'))).state).toBe('unbalanced');
  });

  it('is the same in an envelope, with other line ends and marks of a transfer', () => {
    const plain = statement(':61:2603020302C10,NTRFX', ':86:TEXT');
    const wrapped = `{1:F01BANK}{2:O940}{4:\r\n${plain.replace('-\r\n', '-}{5:}\r\n')}`;
    const marked = `\u0001\r\n${plain.replaceAll('\r\n', '\n').replace('-\n', '-\u0003\n')}`;
    for (const text of [wrapped, marked]) expect(read(text)).toMatchObject({ ...read(plain), warnings: [] });
  });

  it('may be one of several, of which an 86 behind the balance is of none', () => {
    const empty = message(':60M:C260302EUR20,', ':62M:C260303EUR20,', ':86:ABOUT ALL');
    const two = `${statement(':61:2603020302C10,NTRFX')}${empty}`;
    expect(readMt940(Buffer.from(two)).map(({ lines }) => lines.length)).toEqual([1, 0]);
  });

  it('of the day (MT942) says the sums of its lines', () => {
    const interim = (sum: string) =>
      message(':34F:EURD0,', ':13D:2603021200+0100', ':61:2603020302C10,NTRFX', `:90D:0EUR0,`, `:90C:${sum}`);
    expect(read(interim('1EUR10,'))).toMatchObject({ kind: 'interim', currency: 'EUR', to: '2026-03-02', faults: [] });
    expect(read(interim('2EUR10,')).faults).toEqual([':90C: says 2 lines of 1000, there are 1 of 1000']);
  });
});

describe('is refused at its line', () => {
  it.each([
    ['a line that is none', statement(':61:26030203C10,NTRFX'), 'line 5: :61: is not as it has to be'],
    ['an amount with two marks', statement(':61:2603020302C10.0.0NTRFX'), 'line 5: :61: is not as it has to be'],
    ['a month that is none', statement(':61:2613020302C10,NTRFX'), 'line 5: :61: has a value date that is none'],
    ['a balance that is none', message(':60F:X260301EUR10,'), 'line 4: :60F: is not as it has to be'],
    ['half a cent', statement(':61:2603020302C10,005NTRFX'), 'line 5: has an amount that cannot be taken'],
    ['a currency of the past', message(':60F:C260301DEM10,'), 'line 4: has a currency that is none of ISO 4217'],
    ['no account', ':20:X\r\n:60F:C260301EUR10,\r\n', 'line 1: :25: is missing'],
    ['a line of no message', ':61:2603020302C10,NTRFX', 'line 1: :61: is of no message'],
  ])('%s', (_, text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });
});
