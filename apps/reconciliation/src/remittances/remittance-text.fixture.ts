/** An 835 as text, for tests: one set with its envelope, and of each claim what matters. */
export interface SaidClaim {
  readonly account: string;
  readonly status?: string;
  readonly charge: string;
  readonly paid: string;
  readonly patient?: string;
  /** `PR*1*5` */
  readonly adjustments?: readonly string[];
  readonly control?: string;
  readonly name?: string;
  readonly member?: string;
}

export interface SaidRemittance {
  readonly amount: string;
  readonly trace: string;
  readonly claims: readonly SaidClaim[];
  /** `WO:REF*3.95` */
  readonly plb?: readonly string[];
  readonly control?: string;
  readonly paidOn?: string;
}

const pad = (text: string, length: number) => text.padEnd(length).slice(0, length);

export function remittanceText(said: SaidRemittance): string {
  const { amount, trace, claims, plb = [], control = '0001', paidOn = '20260301' } = said;
  const body = [
    `ST*835*${control}`,
    `BPR*I*${amount}*C*ACH*CCP*01*111000025*DA*1*1512345678**01*111000025*DA*2*${paidOn}`,
    `TRN*1*${trace}*1512345678`,
    `DTM*405*${paidOn}`,
    'N1*PR*SYNTHETIC HEALTH PLAN*XV*87726',
    'N1*PE*SYNTHETIC CLINIC*XX*1234567893',
    'LX*1',
    ...claims.flatMap(claimText),
    ...plb.map((pair) => `PLB*1234567893*20261231*${pair}`),
  ];
  const isa = ['ISA', '00', pad('', 10), '00', pad('', 10), 'ZZ', pad('SYNTH', 15), 'ZZ', pad('CLINIC', 15)];
  const segments = [
    [...isa, '260301', '1200', '^', '00501', '000000001', '0', 'T', ':'].join('*'),
    'GS*HP*SYNTH*CLINIC*20260301*1200*1*X*005010X221A1',
    ...[...body, `SE*${body.length + 1}*${control}`, 'GE*1*1', 'IEA*1*000000001'],
  ];
  return `${segments.join('~')}~`;
}

function claimText(claim: SaidClaim): string[] {
  const { account, status = '1', charge, paid, patient = '', adjustments = [], control = '' } = claim;
  const { name = 'DOE*JANE', member = 'M123456789' } = claim;
  return [
    `CLP*${account}*${status}*${charge}*${paid}*${patient}*12*${control}`,
    ...adjustments.map((each) => `CAS*${each}`),
    `NM1*QC*1*${name}****MI*${member}`,
    'DTM*232*20260201',
  ];
}
