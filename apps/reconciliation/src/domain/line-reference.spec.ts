import { noReferences } from './bank-statement.ts';
import { bestReference, isBankFee, payoutReferenceOf, present, traceOf } from './line-reference.ts';

describe('the trace of an 835', () => {
  it.each([
    ['705TRN*1*0012345678*1999999999~', '0012345678', '1999999999'],
    ['HCCLAIMPMT\nTRN*1*E12*1512345678*000000001\\', 'E12', '1512345678'],
    ['…TRN*1*0012\n345678*19999\n99999~', '0012345678', '1999999999'],
    ['TRN*2*0012345678*1999999999~', null, null],
    ['TRN*1*0012345678*19~', null, null],
    ['', null, null],
  ])('in %j is %s of %s', (text, trn02, trn03) => {
    expect(traceOf(text)).toEqual({ trn02, trn03 });
  });
});

describe('a reference', () => {
  it.each(['NOTPROVIDED', 'notprovided', 'NONREF', 'NULL', 'UNSTRUCTURED', '  ', '000', '-'])(
    '%j means none',
    (text) => {
      expect(present(text)).toBeNull();
    },
  );

  it('of the payee is believed before the one of the bank', () => {
    expect(bestReference({ ...noReferences, bank: 'B', customer: 'C', endToEnd: 'E' })).toBe('E');
    expect(bestReference({ ...noReferences, bank: 'B', creditor: 'RF18' })).toBe('RF18');
    expect(bestReference(noReferences)).toBeNull();
  });
});

describe('a payout', () => {
  it.each([
    ['STRIPE po_1QcXe2AbCdEf TRANSFER', 'po_1QcXe2AbCdEf'],
    ['Payout #ABC-123456 settled', 'ABC-123456'],
    ['payout settlement', null],
    ['repo_market_fund', null],
  ])('named in %j is %s', (text, payout) => {
    expect(payoutReferenceOf({ text, references: noReferences })).toBe(payout);
  });
});

it('what the bank takes for itself is told by its type', () => {
  expect(['698', 'PMNT/RCDT/CHRG', '195', null].map((typeCode) => isBankFee({ typeCode }))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
