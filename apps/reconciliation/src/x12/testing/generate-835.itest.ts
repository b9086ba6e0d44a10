import fc from 'fast-check';
import type { FaultCode } from '../remittance.ts';

/** One segment, and which of its elements are amounts whose change must be found. */
export interface Written {
  readonly elements: string[];
  readonly amounts: readonly AmountSlot[];
}

/** An amount at `element`, and the one fault that a change of it is. */
export interface AmountSlot {
  readonly element: number;
  readonly code: FaultCode;
  readonly claim?: number;
  readonly line?: number;
}

export interface Delimiters {
  readonly element: string;
  readonly component: string;
  readonly terminator: string;
}

export const USUAL: Delimiters = { element: '*', component: ':', terminator: '~' };

interface Cas {
  readonly group: string;
  readonly amount: bigint;
}
interface LineModel {
  readonly charge: bigint;
  readonly cas: readonly Cas[];
}
interface ClaimModel {
  readonly lines: readonly LineModel[];
  readonly bareCharge: bigint;
  readonly cas: readonly Cas[];
  readonly reversal: boolean;
}
export interface SetModel {
  readonly claims: readonly ClaimModel[];
  readonly plb: readonly bigint[];
}

const money = fc.bigInt({ min: 1n, max: 10_000_000n });
const cas: fc.Arbitrary<Cas> = fc.record({
  group: fc.constantFrom('CO', 'OA', 'PI', 'PR'),
  amount: fc.oneof(
    money,
    money.map((amount) => -amount),
  ),
});
const claim: fc.Arbitrary<ClaimModel> = fc.record({
  lines: fc.array(fc.record({ charge: money, cas: fc.array(cas, { maxLength: 7 }) }), { maxLength: 3 }),
  ...{ bareCharge: money, cas: fc.array(cas, { maxLength: 3 }), reversal: fc.boolean() },
});
export const setModel: fc.Arbitrary<SetModel> = fc.record({
  claims: fc.array(claim, { minLength: 1, maxLength: 4 }),
  plb: fc.array(
    fc.oneof(
      money,
      money.map((amount) => -amount),
    ),
    { maxLength: 7 },
  ),
});

/** Delimiters that differ from each other, and from everything that the generator writes between them. */
export const delimiters: fc.Arbitrary<Delimiters> = fc.record({
  element: fc.constantFrom('*', '|', '^', '\u001d', '+'),
  component: fc.constantFrom(':', '>', '<', '\u001f'),
  terminator: fc.constantFrom('~', '\n', '\r', '\r\n', "'", '\u001c', '~\n', '~\r\n', '~\n   '),
});

const decimal = (minor: bigint): string => {
  const digits = `${minor < 0n ? -minor : minor}`.padStart(3, '0');
  const fraction = digits.slice(-2).replace(/0+$/, '');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}${fraction === '' ? '' : `.${fraction}`}`;
};
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
const component = '\u0001';

/** CAS segments of one loop: up to six triplets each. */
function casSegments(all: readonly Cas[], slot: Omit<AmountSlot, 'element'>): Written[] {
  const groups = Map.groupBy(all, ({ group }) => group);
  return [...groups].flatMap(([group, of]) => {
    const segments: Written[] = [];
    for (let at = 0; at < of.length; at += 6) {
      const six = of.slice(at, at + 6);
      const elements = ['CAS', group, ...six.flatMap(({ amount }) => ['45', decimal(amount), ''])];
      while (elements.at(-1) === '') elements.pop();
      segments.push({ elements, amounts: six.map((_, n) => ({ element: 3 + n * 3, ...slot })) });
    }
    return segments;
  });
}

function claimSegments({ lines, bareCharge, cas: own, reversal }: ClaimModel, index: number) {
  const sign = reversal ? -1n : 1n;
  const signed = (all: readonly Cas[]) => all.map(({ group, amount }) => ({ group, amount: amount * sign }));
  const charge = sign * (lines.length > 0 ? sum(lines.map((line) => line.charge)) : bareCharge);
  const everyCas = signed([...own, ...lines.flatMap((line) => line.cas)]);
  const paid = charge - sum(everyCas.map(({ amount }) => amount));
  const patient = sum(everyCas.filter(({ group }) => group === 'PR').map(({ amount }) => amount));
  const ofClaim = { code: 'remit_claim_unbalanced' as const, claim: index };
  const status = reversal ? '22' : '1';
  const segments: Written[] = [
    {
      elements: ['CLP', `PCN${index}`, status, decimal(charge), decimal(paid), decimal(patient), '12', `ICN${index}`],
      amounts: [3, 4].map((element) => ({ element, ...ofClaim })),
    },
    ...casSegments(signed(own), ofClaim),
    plain('NM1', 'QC', '1', 'DOE', 'JANE', '', '', '', 'MI', `M${index}`),
    plain('DTM', '232', '20260701'),
  ];
  for (const [line, model] of lines.entries()) {
    const slot = { code: 'remit_service_unbalanced' as const, claim: index, line };
    const all = signed(model.cas);
    const linePaid = sign * model.charge - sum(all.map(({ amount }) => amount));
    const code = ['HC', '99213', '25'].join(component);
    segments.push(
      {
        elements: ['SVC', code, decimal(sign * model.charge), decimal(linePaid), '', '1'],
        amounts: [2, 3].map((element) => ({ element, ...slot })),
      },
      plain('DTM', '472', '20260702'),
      ...casSegments(all, slot),
      plain('REF', '6R', `L${index}${line}`),
    );
  }
  return { segments, paid };
}

const plain = (...elements: string[]): Written => ({ elements, amounts: [] });

/** The segments of one legal set, ST to SE. */
export function segmentsOf({ claims, plb }: SetModel, control = '0001'): Written[] {
  const read = claims.map(claimSegments);
  const amount = sum(read.map(({ paid }) => paid)) - sum(plb);
  const ofSet = { code: 'remit_unbalanced' as const };
  const sign = amount < 0n ? 'D' : 'C';
  const bpr = ['BPR', 'I', decimal(amount < 0n ? -amount : amount), sign, 'ACH', 'CCP', '01', '031201360', 'DA', '1'];
  const body: Written[] = [
    plain('ST', '835', control),
    {
      elements: [...bpr, '1512345678', '', '01', '071000013', 'DA', '2', '20260805'],
      amounts: [{ element: 2, ...ofSet }],
    },
    plain('TRN', '1', `EFT${control}`, '1512345678'),
    plain('DTM', '405', '20260801'),
    plain('N1', 'PR', 'SYNTHETIC PAYER', 'XV', '12345'),
    plain('N1', 'PE', 'SYNTHETIC CLINIC', 'XX', '1234567893'),
    plain('REF', 'TJ', '123456789'),
    plain('LX', '1'),
    ...read.flatMap(({ segments }) => segments),
  ];
  for (let at = 0; at < plb.length; at += 6) {
    const six = plb.slice(at, at + 6);
    const pairs = six.flatMap((each, n) => [['WO', `R${n}`].join(component), decimal(each)]);
    const amounts = six.map((_, n) => ({ element: 4 + n * 2, ...ofSet }));
    body.push({ elements: ['PLB', '1234567893', '20261231', ...pairs], amounts });
  }
  return [...body, plain('SE', String(body.length + 1), control)];
}

/** An interchange with these sets, as bytes. */
export function interchangeOf(sets: readonly Written[][], parts: Delimiters = USUAL): Buffer {
  const pad = (text: string) => text.padEnd(15);
  const isa = ['ISA', '00', pad('').slice(5), '00', pad('').slice(5), 'ZZ', pad('PAYER'), 'ZZ', pad('CLINIC')];
  const segments = [
    [...isa, '260801', '1200', 'U', '00501', '000000001', '0', 'T', component],
    ['GS', 'HP', 'PAYER', 'CLINIC', '20260801', '1200', '1', 'X', '005010X221A1'],
    ...sets.flatMap((set) => set.map(({ elements }) => elements)),
    ['GE', String(sets.length), '1'],
    ['IEA', '1', '000000001'],
  ];
  const text = segments.map((elements) => elements.join(parts.element) + parts.terminator).join('');
  return Buffer.from(text.replaceAll(component, parts.component), 'latin1');
}

/** A file of one set that is always the same, for what is not about its amounts. */
export const sample: SetModel = {
  claims: [
    {
      lines: [
        {
          charge: 12_345n,
          cas: [
            { group: 'CO', amount: 2_345n },
            { group: 'PR', amount: 1_000n },
          ],
        },
        { charge: 5_000n, cas: [] },
      ],
      ...{ bareCharge: 0n, cas: [{ group: 'OA', amount: 100n }], reversal: false },
    },
    { lines: [], bareCharge: 20_050n, cas: [{ group: 'CO', amount: 50n }], reversal: true },
  ],
  plb: [1_234n, -77n],
};
