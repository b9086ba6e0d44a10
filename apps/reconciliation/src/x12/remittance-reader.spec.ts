import { DomainError } from '../domain/errors.ts';
import type { Remittance } from './remittance.ts';
import { readRemittanceParts, readRemittances } from './remittance-reader.ts';

const ISA =
  'ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260801*1200*^*00501*000000001*0*T*:~';
const GS = 'GS*HP*PAYER*CLINIC*20260801*1200*1*X*005010X221A1~';
const TRAILERS = 'GE*1*1~IEA*1*000000001~';
const HEAD = 'BPR*I*80*C*ACH************20260805~TRN*1*EFT1*1512345678~N1*PR*PAYER~N1*PE*CLINIC*XX*1234567893~';
const CLAIM = 'CLP*PCN1*1*100*80*0*12*ICN1~CAS*CO*45*20~';

const set = (body: string, control = '0001') => {
  const segments = body.split('~').length + 1;
  return `ST*835*${control}~${body}SE*${segments}*${control}~`;
};
const file = (body: string) => ISA + GS + set(body) + TRAILERS;
const read = (text: string): Remittance[] => [...readRemittances([Buffer.from(text)])];
const one = (body: string): Remittance => read(file(body))[0]!;
const said = ({ faults }: Remittance) =>
  faults.map(({ code, blocking, detail }) => `${blocking ? 'holds' : 'warns'} ${code}: ${detail}`);

const unreadable = (text: string | Buffer): DomainError => {
  try {
    Array.from(readRemittances([Buffer.from(text)]));
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('it was read');
};

it('reads all that is kept of a remittance', () => {
  const body =
    'BPR*I*1180.5*C*ACH*CCP*01*031201360*DA*1*1512345678**01*071000013*DA*2*20260805~TRN*1*EFT1*1512345678~' +
    'REF*EV*X~DTM*405*20260801~N1*PR*PAYER*XV*777~N3*1 MAIN ST~N4*ALBANY*NY*12237~PER*BL*TECH*TE*8005551132~' +
    'N1*PE*CLINIC*XX*1234567893~REF*TJ*123456789~LX*1~TS3*1*11*20261231*1*1~' +
    'CLP*PCN1*1*1300*1180.5*100*12*ICN1*11*1~CAS*CO*45*9.5*1~NM1*QC*1*DOE*JANE*Q***MI*M1~NM1*82*2*DR~MIA*0****MA01~' +
    'MOA***N1*N2~DTM*232*20260701~DTM*233*20260703~SVC*HC:99213:25:59*1300*1190**2*HC:99214~DTM*472*20260702~' +
    'CAS*PR*2*100**3*10~REF*6R*L1~AMT*B6*1190~LQ*HE*M15~PLB*1234567893*20261231*WO:A1*10*L6*-10~';
  const [remittance] = read(file(body));
  expect(said(remittance!)).toEqual([
    'warns syntax: CLP at byte 444: CLP05 is not the sum of the adjustments of group PR.',
  ]);
  expect(remittance).toMatchObject({
    ...{ index: 0, interchangeControl: '000000001', groupControl: '1', setControl: '0001', balanced: true },
    ...{ handling: 'I', method: 'ACH', amount: 118_050n, currency: 'USD', paidOn: '2026-08-05' },
    ...{ producedOn: '2026-08-01', traceNumber: 'EFT1', originator: '1512345678', offset: 156 },
    payer: { name: 'PAYER', idQualifier: 'XV', id: '777', taxId: null },
    payee: { name: 'CLINIC', idQualifier: 'XX', id: '1234567893', taxId: '123456789' },
    providerAdjustments: [
      { providerId: '1234567893', fiscalOn: '2026-12-31', reason: 'WO', reference: 'A1', amount: 1_000n },
      { providerId: '1234567893', fiscalOn: '2026-12-31', reason: 'L6', reference: null, amount: -1_000n },
    ],
  });
  expect(remittance!.length).toBe(file(body).length - 156 - TRAILERS.length);
  expect(remittance!.claims).toEqual([
    {
      ...{ index: 0, offset: 444, patientControlNumber: 'PCN1', status: '1', charge: 130_000n, paid: 118_050n },
      ...{ patientResponsibility: 10_000n, filing: '12', payerControlNumber: 'ICN1', balanced: true },
      ...{ patient: { name: 'DOE, JANE Q', memberId: 'M1' }, from: '2026-07-01', to: '2026-07-03' },
      adjustments: [{ group: 'CO', reason: '45', amount: 950n, quantity: '1' }],
      remarks: ['MA01', 'N1', 'N2'],
      lines: [
        {
          ...{ index: 0, qualifier: 'HC', procedure: '99213', modifiers: ['25', '59'], charge: 130_000n },
          ...{ paid: 119_000n, units: '2', servedOn: '2026-07-02', controlNumber: 'L1', balanced: true },
          adjustments: [
            { group: 'PR', reason: '2', amount: 10_000n, quantity: null },
            { group: 'PR', reason: '3', amount: 1_000n, quantity: null },
          ],
          remarks: ['M15'],
        },
      ],
    },
  ]);
});

describe('what does not add up is said where it stands, once', () => {
  it.each([
    ['BPR02', HEAD.replace('*80*', '*81*') + CLAIM, 'remit_unbalanced', undefined],
    ['a positive PLB, which reduces the payment', `${HEAD}${CLAIM}PLB*1*20261231*WO*1~`, 'remit_unbalanced', undefined],
    ['CLP03', HEAD + CLAIM.replace('*100*', '*101*'), 'remit_claim_unbalanced', 0],
    ['CLP04, which breaks the set too', HEAD + CLAIM.replace('*80*', '*79*'), 'remit_claim_unbalanced', 0],
    ['an amount that is not there', HEAD + CLAIM.replace('*100*', '**'), 'syntax', 0],
    ['an amount with more decimals than dollars have', HEAD + CLAIM.replace('*100*', '*100.001*'), 'syntax', 0],
    ['an amount that is a word', HEAD + CLAIM.replace('CO*45*20', 'CO*45*1e1'), 'syntax', 0],
    ['SVC without a claim', `${HEAD}LX*1~SVC*HC:1*1*1~${CLAIM}`, 'syntax', undefined],
    ['no TRN', HEAD.replace('TRN*1*EFT1*1512345678~', '') + CLAIM, 'syntax', undefined],
    ['two BPR', HEAD.slice(0, HEAD.indexOf('~') + 1) + HEAD + CLAIM, 'syntax', undefined],
    ['a currency that there is not', `CUR*PR*XXX~${HEAD}${CLAIM}`, 'syntax', undefined],
  ])('%s', (_, body, code, claim) => {
    const blocking = one(body).faults.filter((fault) => fault.blocking);
    expect(blocking).toEqual([expect.objectContaining({ code })]);
    expect(blocking[0]!.claim).toBe(claim);
  });

  it('a wrong CLP04 is said of the claim, and the remittance does not balance', () => {
    expect(one(HEAD + CLAIM.replace('*80*', '*79*')).balanced).toBe(false);
  });

  it('a procedure that is written as two elements is read as it is meant, and held', () => {
    const { claims, faults } = one(`${HEAD}CLP*PCN1*3*100*80**12*ICN1~SVC*HC*24599.00*100*80**1~CAS*OA*23*20~`);
    expect(claims[0]!.lines[0]).toMatchObject({
      ...{ qualifier: 'HC', procedure: '24599.00', charge: 10_000n, paid: 8_000n, units: '1', balanced: false },
    });
    expect(claims[0]!.balanced).toBe(false);
    expect(faults).toEqual([expect.objectContaining({ code: 'remit_service_unbalanced', claim: 0, line: 0 })]);
  });

  it('yen have no decimals, dinars three', () => {
    expect(one(`CUR*PR*JPY~${HEAD}${CLAIM}`)).toMatchObject({ currency: 'JPY', amount: 80n, balanced: true });
    const dinars = HEAD.replace('*80*', '*0.125*') + CLAIM.replace('*100*80*', '*0.125*0.125*').replace('*20~', '*0~');
    expect(one(`CUR*PR*KWD~${dinars}`)).toMatchObject({ currency: 'KWD', amount: 125n, balanced: true });
  });

  it('a debit is a negative payment', () => {
    const debit = HEAD.replace('*80*C*', '*80*D*') + 'CLP*PCN1*22*-100*-80*0*12*ICN1~CAS*CO*45*-20~';
    expect(one(debit)).toMatchObject({ amount: -8_000n, balanced: true, faults: [] });
  });
});

describe('the envelope warns and holds nothing', () => {
  const whole = file(HEAD + CLAIM);
  it.each([
    ['SE01', whole.replace('SE*8*', 'SE*9*'), 'SE01 at byte 305 says 9 segments; there are 8.'],
    ['SE02', whole.replace('SE*8*0001', 'SE*8*0002'), 'SE02 at byte 305 is not ST02.'],
    ['GE01', whole.replace('GE*1*1', 'GE*2*1'), 'GE01 at byte 315 says 2 sets; there are 1.'],
    ['GE02', whole.replace('GE*1*1', 'GE*1*2'), 'GE02 at byte 315 is not GS06.'],
    ['IEA01', whole.replace('IEA*1', 'IEA*0'), 'IEA01 at byte 322 says 0 groups; there are 1.'],
    ['no GE', whole.replace('GE*1*1~', ''), 'GE is missing before IEA at byte 315.'],
    [
      '4010',
      whole.replace('005010X221A1', '004010X091A1'),
      'GS08 at byte 106 is not 005010X221A1; read as if it were.',
    ],
    ['no envelope', set(HEAD + CLAIM), 'The file has no envelope (ISA, GS).'],
    ['no IEA', whole.replace('IEA*1*000000001~', ''), 'The file ends at byte 322; expected IEA. Sets may be missing.'],
    ['a stray line', `${whole}\n\u001aEND`, '0 empty segments and 4 bytes outside of an interchange were passed over.'],
    [
      'empty segments',
      whole.replace('~SE', '~~ ~SE'),
      '2 empty segments and 0 bytes outside of an interchange were passed over.',
    ],
    ['another set', whole.replace('GE*1', 'ST*999*2~AK1*HP*1~SE*3*2~GE*2'), 'ST at byte 315 is no 835; passed over.'],
  ])('%s', (_, text, detail) => {
    const [remittance, ...others] = read(text);
    expect(others).toEqual([]);
    expect(remittance!.balanced).toBe(true);
    expect(remittance!.faults).toEqual([expect.objectContaining({ blocking: false, detail })]);
  });

  it('two sets with one number', () => {
    const two = ISA + GS + set(HEAD + CLAIM) + set(HEAD + CLAIM) + TRAILERS.replace('GE*1', 'GE*2');
    expect(read(two).map(said)).toEqual([
      [],
      ['warns envelope: ST02 at byte 315 is that of another set of the group.'],
    ]);
  });

  it('but a set without SE is held', () => {
    const [remittance] = read(whole.replace(/SE\*8\*0001~/, ''));
    expect(said(remittance!)[0]).toBe('holds syntax: SE is missing before GE at byte 305.');
  });
});

describe('what is no 835 is refused with the place and what was expected', () => {
  const long = `ST*835*0001~REF*EV*${'X'.repeat(20_000)}~`;
  const many = `ST*835*0001~REF${'*'.repeat(200)}~`;
  it.each([
    ['nothing', '', 0, 'expected a transaction set 835'],
    ['blanks', ' \r\n\t ', 0, 'expected a transaction set 835'],
    ['a text', 'Dear sirs, please find enclosed', 0, 'expected a whole ISA segment'],
    ['half an ISA', ISA.slice(0, 90), 0, 'expected a whole ISA segment'],
    ['bytes', Buffer.from([0, 1, 2, 3, 255, 254]), 0, 'expected a whole ISA segment'],
    ['bytes in a segment', `ST*835*0001~BPR*\u0000~`, 16, 'a control character'],
    [
      'another set',
      `${ISA}${GS}ST*999*1~SE*2*1~${TRAILERS}`,
      ISA.length + GS.length + 39,
      'expected a transaction set',
    ],
    ['something between sets', `${ISA}${GS}BPR*I*1~`, 156, 'expected ST'],
    ['a segment without an end', long, 12, 'expected the terminator "~" within 16384 bytes'],
    ['a segment with too many elements', many, 12, 'more than 100 elements'],
    ['a segment without a name', 'ST*835*0001~*X~', 12, 'expected a segment'],
    ['a claim without an end', `ST*835*0001~${HEAD}${CLAIM}${'CAS*CO*45*1~'.repeat(20_000)}`, 240125, 'without end'],
    ['lines without a claim', `ST*835*0001~${HEAD}LX*1~${'SVC*HC:1*1*1~'.repeat(50_002)}`, 650113, 'too much is wrong'],
    ['segments of something else', `ST*835*0001~${HEAD}LX*1~${'HL*1~'.repeat(1_001)}`, 5113, 'a segment of an 835'],
  ])('%s', (_, text, offset, expected) => {
    const error = unreadable(text);
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ code: 'file_unreadable', context: { offset } });
    expect(error.message).toContain(expected);
    expect(error.message).toContain(`At byte ${offset}: `);
  });

  it('what is said names no patient', () => {
    const claim = 'CLP*SECRET*SECRET*SECRET*SECRET*SECRET~NM1*QC*1*SECRET~DTM*232*SECRET~';
    const named = `${HEAD}${claim}PLB*SECRET*SECRET*SECRET*SECRET~`;
    expect(said(one(named)).join()).not.toContain('SECRET');
  });
});

it('claims come in portions, with what is wrong with them', () => {
  const bad = CLAIM.replace('*100*', '*101*');
  const parts = [...readRemittanceParts([Buffer.from(file(HEAD + CLAIM + bad + CLAIM))], { claims: 2, rows: 100 })];
  expect(parts.map(({ kind }) => kind)).toEqual(['head', 'claims', 'claims', 'end']);
  expect(parts.flatMap((part) => (part.kind === 'claims' ? [part.claims.map(({ index }) => index)] : []))).toEqual([
    [0, 1],
    [2],
  ]);
  expect(parts[1]).toMatchObject({ faults: [{ code: 'remit_claim_unbalanced', claim: 1 }] });
});

it('a name in UTF-8 is read as it was written', () => {
  const { payee } = one(HEAD.replace('PE*CLINIC', 'PE*CLÍNICA') + CLAIM);
  expect(payee.name).toBe('CLÍNICA');
});
