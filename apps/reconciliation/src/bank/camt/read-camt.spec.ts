import { tieOut } from '../../domain/bank-statement.ts';
import { readCamt } from './read-camt.ts';

interface Entry {
  amount?: string;
  currency?: string;
  side?: string;
  rest?: string;
  details?: string;
}
const entry = ({ amount = '10.00', currency = 'EUR', side = 'CRDT', rest = '', details = '' }: Entry = {}) =>
  `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd>${rest || '<Sts>BOOK</Sts>'}
    <BookgDt><DtTm>2026-03-02T23:30:00-05:00</DtTm></BookgDt><ValDt><Dt>2026-03-03</Dt></ValDt>
    <NtryDtls>${details}</NtryDtls></Ntry>`;
const read = (content: string, wrap = (text: string) => text) =>
  readCamt(
    Buffer.from(
      wrap(`<Document><BkToCstmrStmt><Stmt><Id>S</Id><CreDtTm>2026-03-04T00:00:00</CreDtTm>
        <Acct><Id><IBAN>DE89 3704</IBAN></Id><Ccy>EUR</Ccy></Acct>${content}</Stmt></BkToCstmrStmt></Document>`),
    ),
  )[0]!;
const refusal = (content: string) => {
  try {
    return read(content).faults.join();
  } catch (error) {
    return (error as Error).message;
  }
};
const part = (amount: string, rest = '') => `<TxDtls><Amt Ccy="EUR">${amount}</Amt>${rest}</TxDtls>`;

describe('an entry', () => {
  it('is dated by the clock of its bank', () => {
    expect(read(entry()).lines[0]).toMatchObject({ bookedOn: '2026-03-02', valueOn: '2026-03-03' });
  });

  it.each([
    ['CRDT', '', 1_000n, false],
    ['DBIT', '', -1_000n, false],
    // A reversed debit comes back: the sign says so, not RvslInd.
    ['CRDT', '<RvslInd>true</RvslInd><Sts>BOOK</Sts>', 1_000n, true],
    ['DBIT', '<RvslInd>true</RvslInd><Sts>BOOK</Sts>', -1_000n, true],
  ])('%s %s is %s', (side, rest, amount, reversal) => {
    expect(read(entry({ side, rest })).lines[0]).toMatchObject({ amount, reversal });
  });

  it.each([
    ['<Sts>BOOK</Sts>', false],
    ['<Sts><Cd>BOOK</Cd></Sts>', false],
    ['<Sts>PDNG</Sts>', true],
    ['<Sts><Cd>INFO</Cd></Sts>', true],
  ])('with %s is pending: %s', (rest, pending) => {
    expect(read(entry({ rest })).lines[0]!.pending).toBe(pending);
  });

  it.each([
    ['10.00000', 'EUR', 1_000n],
    ['10', 'JPY', 10n],
    ['10.000', 'JPY', 10n],
    ['1.23400', 'KWD', 1_234n],
  ])('of %s %s is %s minor units', (amount, currency, minor) => {
    expect(read(entry({ amount, currency })).lines[0]!.amount).toBe(minor);
  });

  it.each([
    ['12..34', 'EUR'],
    ['10.001', 'EUR'],
    ['10.5', 'JPY'],
    ['-5', 'EUR'],
    ['1e3', 'EUR'],
    ['', 'EUR'],
    ['90071992547409.93', 'EUR'],
    ['1.000000', 'EUR'],
    ['5', 'DEM'],
  ])('of %s %s is refused at its line', (amount, currency) => {
    expect(refusal(entry({ amount, currency }))).toMatch(/^line \d+: /);
  });

  it('keeps its references by kind, and leaves out those that mean none', () => {
    const details = `<TxDtls><Refs><InstrId>I1</InstrId><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
      <RltdPties><Dbtr><Pty><Nm>Ada</Nm></Pty></Dbtr></RltdPties>
      <RmtInf><Ustrd>TRN*1*E12*1512345678~</Ustrd>
      <Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>`;
    const [line] = read(entry({ rest: '<Sts>BOOK</Sts><AcctSvcrRef>B1</AcctSvcrRef>', details })).lines;
    expect(line).toMatchObject({ trn02: 'E12', trn03: '1512345678', text: 'TRN*1*E12*1512345678~\nAda' });
    expect(line!.references).toMatchObject({ endToEnd: null, creditor: 'RF18', customer: 'I1', bank: 'B1' });
  });
});

describe('a batch booking', () => {
  it('is a line with its parts, which must be its sum', () => {
    const good = read(entry({ details: part('4.00') + part('6.00') }));
    expect(good.lines.map(({ amount, parent }) => [amount, parent])).toEqual([
      [1_000n, null],
      [400n, 0],
      [600n, 0],
    ]);
    expect(tieOut(good).state).toBe('unproven');
    expect(tieOut(read(entry({ details: part('4.00') + part('6.01') }))).faults).toEqual([
      'line 1 is 1000, its 2 parts are 1001',
    ]);
  });

  it('may have parts of the other sign', () => {
    const details = part('12.00', '<CdtDbtInd>CRDT</CdtDbtInd>') + part('2.00', '<CdtDbtInd>DBIT</CdtDbtInd>');
    expect(tieOut(read(entry({ details }))).faults).toEqual([]);
  });

  it('of which a part names no amount has none to show, and says so', () => {
    const statement = read(entry({ details: `${part('4.00')}<TxDtls/>` }));
    expect([statement.lines.length, statement.warnings.length]).toEqual([1, 1]);
  });

  it('of one transaction is the entry itself', () => {
    expect(read(entry({ details: part('10.00') })).lines).toHaveLength(1);
  });
});

describe('a statement', () => {
  const balance = (code: string, amount: string, currency = 'EUR') =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt>
      <CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>`;

  it('opens with the closing of the day before where it says no opening, and may be overdrawn', () => {
    expect(read(balance('PRCD', '5.00') + balance('CLBD', '3.00') + balance('CLAV', '9.00'))).toMatchObject({
      ...{ opening: -500n, closing: -300n, account: { number: 'DE893704' }, from: '2026-03-01', to: '2026-03-01' },
    });
  });

  it('with a balance in another currency has a fault', () => {
    expect(read(balance('OPBD', '5.00', 'SEK')).faults).toEqual(['its balance OPBD is in SEK, the account in EUR']);
  });

  it('may lie in an envelope, under whatever prefix', () => {
    const wrapped = read(entry(), (text) => `<x:Msg xmlns:x="urn:x"><AppHdr/>${text}</x:Msg>`);
    expect(wrapped.lines).toHaveLength(1);
  });

  it.each([
    ['<PgNb>1</PgNb><LastPgInd>true</LastPgInd>', '12'],
    ['<PgNb>1</PgNb><LastPgInd>false</LastPgInd>', '12/1'],
    ['<PgNb>2</PgNb><LastPgInd>true</LastPgInd>', '12/2'],
  ])('of the page %s has the number %s', (page, sequence) => {
    const number = '<ElctrncSeqNb>12</ElctrncSeqNb>';
    expect(read(`${number}<StmtPgntn>${page}</StmtPgntn>`).sequence).toBe(sequence);
    const head = `<GrpHdr><MsgPgntn>${page}</MsgPgntn></GrpHdr><Stmt>`;
    expect(read(number, (text) => text.replace('<Stmt>', head)).sequence).toBe(sequence);
  });

  it('that names no account is refused', () => {
    const bytes = Buffer.from(`<Document><BkToCstmrStmt><Stmt>${entry()}</Stmt></BkToCstmrStmt></Document>`);
    expect(() => readCamt(bytes)).toThrow('nothing says of which account it is');
  });
});
