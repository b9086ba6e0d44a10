import fs from 'node:fs';

/** What a file holds, so that a reader can be shown to have read all of it. */
export interface X12Counts {
  bytes: number;
  sets: number;
  claims: number;
  lines: number;
}

const CLAIMS_A_SET = 5_000;
const cents = (minor: number): string => (minor / 100).toFixed(2).replace(/\.?0+$/, '');

/** The same numbers in every run, so that runs can be compared. */
function dice(): (below: number) => number {
  let seed = 12_345;
  return (below) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return Math.floor((seed / 0x8000_0000) * below);
  };
}

/** Writes a synthetic 835 of about `bytes` that balances at every level: one interchange, sets of 5,000 claims. */
export function writeRemittances(file: string, bytes: number): X12Counts {
  const roll = dice();
  const counts = { bytes: 0, sets: 0, claims: 0, lines: 0 };
  const fd = fs.openSync(file, 'w');
  const write = (segments: readonly string[]) => {
    counts.bytes += fs.writeSync(fd, `${segments.join('~')}~`);
  };
  const padded = (text: string) => text.padEnd(15);
  const isa = `ISA*00*          *00*          *ZZ*${padded('PAYER')}*ZZ*${padded('CLINIC')}*260801*1200*^*00501`;
  write([`${isa}*000000001*0*T*:`, 'GS*HP*PAYER*CLINIC*20260801*1200*1*X*005010X221A1']);
  while (counts.bytes < bytes) {
    const before = counts.claims;
    const body: string[] = [];
    let paid = 0;
    // About 390 bytes a claim: the last set is as long as what is left.
    const claims = Math.max(1, Math.min(CLAIMS_A_SET, Math.ceil((bytes - counts.bytes) / 390)));
    while (counts.claims - before < claims) paid += pushClaim(body, counts, roll);
    writeSet(write, body, { number: (counts.sets += 1), paid, withheld: roll(5_000) });
  }
  write([`GE*${counts.sets}*1`, 'IEA*1*000000001']);
  fs.closeSync(fd);
  return counts;
}

/** Adds a claim with one to four lines; what it pays. */
function pushClaim(body: string[], counts: X12Counts, roll: (below: number) => number): number {
  const claim = (counts.claims += 1);
  const lines: string[] = [];
  let [charged, paid, patient] = [0, 0, 0];
  const count = 1 + roll(4);
  for (let line = 0; line < count; line++) {
    const charge = 1_000 + roll(90_000);
    const contract = Math.floor(charge * 0.3);
    const own = Math.min(charge - contract, roll(3) * 500);
    const pays = charge - contract - own;
    lines.push(`SVC*HC:9921${line}*${cents(charge)}*${cents(pays)}**1`, `DTM*472*2026070${line + 1}`);
    lines.push(`CAS*CO*45*${cents(contract)}`);
    if (own > 0) lines.push(`CAS*PR*2*${cents(own)}`);
    lines.push(`REF*6R*L${claim}-${line}`, `AMT*B6*${cents(charge - contract)}`);
    [charged, paid, patient] = [charged + charge, paid + pays, patient + own];
  }
  counts.lines += count;
  const id = String(claim).padStart(12, '0');
  body.push(
    `CLP*PCN${claim}*1*${cents(charged)}*${cents(paid)}*${cents(patient)}*12*ICN${id}*11*1`,
    ...[`NM1*QC*1*DOE${claim % 977}*JANE****MI*M${claim}`, 'NM1*82*2*CLINIC*****XX*1234567893', 'DTM*232*20260701'],
    ...lines,
  );
  return paid;
}

function writeSet(
  write: (segments: readonly string[]) => void,
  body: readonly string[],
  { number, paid, withheld }: { number: number; paid: number; withheld: number },
): void {
  const control = String(number).padStart(4, '0');
  const bank = 'CCP*01*031201360*DA*123456*1512345678**01*071000013*DA*9876543210*20260805';
  const head = [
    ...[`ST*835*${control}`, `BPR*I*${cents(paid - withheld)}*C*ACH*${bank}`, `TRN*1*EFT${control}*1512345678`],
    ...['DTM*405*20260801', 'N1*PR*SYNTHETIC PAYER', 'N3*1 MAIN ST', 'N4*ALBANY*NY*12237'],
    ...['N1*PE*SYNTHETIC CLINIC*XX*1234567893', 'REF*TJ*123456789', 'LX*1'],
  ];
  const plb = `PLB*1234567893*20261231*WO:R${number}*${cents(withheld)}`;
  const segments = [...head, ...body, plb];
  write([...segments, `SE*${segments.length + 1}*${control}`]);
}
