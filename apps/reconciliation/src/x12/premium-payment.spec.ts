import { DomainError } from '../domain/errors.ts';
import { readPremiumPayments } from './premium-payment.ts';

const segments = [
  'ISA*00*          *00*          *ZZ*EMPLOYER       *ZZ*CARRIER        *260801*1200*^*00501*000000001*0*T*:',
  'GS*RA*EMPLOYER*CARRIER*20260801*1200*1*X*005010X218',
  'ST*820*0001*005010X218',
  'BPR*C*150.25*C*ACH*CCP*01*031201360*DA*1*1512345678**01*071000013*DA*2*20260805',
  'TRN*1*PREM1*1512345678',
  'REF*38*GROUP1',
  'N1*PE*CARRIER*FI*987654321',
  'N1*PR*EMPLOYER*FI*123456789',
  'ENT*1*2J*EI*1',
  'NM1*IL*1*DOE*JANE****MI*M1',
  'RMR*AZ*POL1**100.25*110.25',
  'DTM*582****RD8*20260801-20260831',
  'ADX*-10*53',
  'ENT*2*2J*EI*2',
  'NM1*IL*1*ROE*RICHARD****MI*M2',
  'RMR*IK*INV2**50',
  'SE*15*0001',
  'GE*1*1',
  'IEA*1*000000001',
];
const file = (all = segments) => Buffer.from(all.map((segment) => `${segment}~`).join('\n'));
const read = (bytes: Buffer) => [...readPremiumPayments([bytes])];

it('reads what is paid for which policy and invoice', () => {
  const [payment, ...others] = read(file());
  expect(others).toEqual([]);
  expect(payment).toMatchObject({
    ...{ setControl: '0001', amount: 15_025n, currency: 'USD', method: 'ACH', paidOn: '2026-08-05', balanced: true },
    ...{ traceNumber: 'PREM1', payer: { name: 'EMPLOYER' }, payee: { name: 'CARRIER' }, faults: [] },
  });
  expect(payment!.items).toMatchObject([
    {
      ...{ qualifier: 'AZ', reference: 'POL1', paid: 10_025n, billed: 11_025n, memberId: 'M1' },
      adjustments: [{ reason: '53', amount: -1_000n }],
    },
    { qualifier: 'IK', reference: 'INV2', paid: 5_000n, billed: null, memberId: 'M2', adjustments: [] },
  ]);
});

it('means the same cut in two at every byte', () => {
  const bytes = file();
  const whole = read(bytes);
  for (let at = 0; at <= bytes.length; at++) {
    expect([...readPremiumPayments([bytes.subarray(0, at), bytes.subarray(at)])]).toEqual(whole);
  }
});

it.each([
  ['that does not add up', (line: string) => line.replace('**50', '**51'), 'remit_unbalanced'],
  ['with an amount that is none', (line: string) => line.replace('**50', '**fifty'), 'syntax'],
  ['without a TRN', (line: string) => (line.startsWith('TRN') ? '' : line), 'syntax'],
  ['without an SE', (line: string) => (line.startsWith('SE') ? '' : line), 'syntax'],
])('holds one %s', (_, change, code) => {
  const [payment] = read(file(segments.map(change).filter((segment) => segment !== '')));
  expect(payment!.faults).toEqual([expect.objectContaining({ code, blocking: true })]);
});

it('holds one that is cut off, wherever, and refuses a file without one', () => {
  for (let n = 4; n < 17; n++) {
    expect(read(file(segments.slice(0, n)))).toMatchObject([{ balanced: false, faults: [{ code: 'file_truncated' }] }]);
  }
  expect(() => read(file([segments[0]!, 'IEA*0*000000001']))).toThrow(DomainError);
});
