import fc from 'fast-check';
import { tieOut } from '../domain/bank-statement.ts';
import { DomainError } from '../domain/errors.ts';
import { asBai2, asCamt, asMt940, asOfxSgml, asOfxXml, closingOf } from './bank-files.fixture.ts';
import type { SaidStatement } from './bank-files.fixture.ts';
import { keyTextOf, place } from '../domain/line-placement.ts';
import type { KnownLine } from '../domain/line-placement.ts';
import { bankFormats, formatOf } from './detect.ts';

const day = fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-15', '2026-03-31');
const word = fc.string({ unit: fc.constantFrom(...'ABCDEFGHKLMNPRTUVWXYZ123456789'), minLength: 4, maxLength: 12 });
const minor = fc.bigInt({ min: -99_999_999_999n, max: 99_999_999_999n }).filter((amount) => amount !== 0n);
const line = fc.record({ amount: minor, bookedOn: day, reference: word, bankReference: word, text: word });
const statement: fc.Arbitrary<SaidStatement> = fc.record({
  account: word,
  currency: fc.constantFrom('USD', 'EUR'),
  sequence: fc.integer({ min: 1, max: 999 }),
  from: fc.constant('2026-03-01'),
  to: fc.constant('2026-03-31'),
  opening: minor,
  lines: fc.array(line, { maxLength: 8 }),
});

interface Format {
  render(said: SaidStatement): string;
  name: string;
  hasOpening: boolean;
  /** BAI2 books everything on the day of the group. */
  hasDays: boolean;
  reference: 'endToEnd' | 'customer';
}
const formats: Format[] = [
  { name: 'camt', render: (said) => asCamt(said), hasOpening: true, hasDays: true, reference: 'endToEnd' },
  { name: 'mt940', render: (said) => asMt940(said), hasOpening: true, hasDays: true, reference: 'customer' },
  { name: 'bai2', render: (said) => asBai2(said), hasOpening: true, hasDays: false, reference: 'customer' },
  { name: 'ofx', render: asOfxSgml, hasOpening: false, hasDays: true, reference: 'customer' },
  { name: 'ofx', render: asOfxXml, hasOpening: false, hasDays: true, reference: 'customer' },
];
const bytesOf = (text: string) => Buffer.from(text, 'utf8');

describe.each(formats)('$name', ({ name, render, hasOpening, hasDays, reference }) => {
  it('is told from the others, and says what was written into it', () => {
    fc.assert(
      fc.property(statement, (said) => {
        const bytes = bytesOf(render(said));
        expect(formatOf(bytes)?.name).toBe(name);
        const [read, ...others] = formatOf(bytes)!.read(bytes);
        expect(others).toEqual([]);
        const { account, currency, to, opening, closing, lines } = read!;
        expect({ number: account.number, currency, to, opening, closing }).toEqual({
          ...{ number: said.account, currency: said.currency, to: said.to, closing: closingOf(said) },
          opening: hasOpening ? said.opening : null,
        });
        expect(
          lines.map((one) => [one.amount, one.bookedOn, one.references[reference], one.references.bank, one.text]),
        ).toEqual(
          said.lines.map((one) => {
            const bookedOn = hasDays ? one.bookedOn : said.to;
            return [one.amount, bookedOn, one.reference, one.bankReference, one.text];
          }),
        );
        expect(tieOut(read!).state).toBe(hasOpening ? 'balanced' : 'unproven');
      }),
      { numRuns: 60 },
    );
  });

  it('cut off anywhere, it is refused or read as less, and never breaks the reader', () => {
    const said = fc.sample(statement, { numRuns: 1, seed: 7 })[0]!;
    const bytes = bytesOf(render(said));
    for (let length = 0; length < bytes.length; length += 7) expectReadOrRefused(name, bytes.subarray(0, length));
  });

  it('with bytes changed at random, it is refused or read, and never breaks the reader', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(statement, changes, (said, changed) => {
        const bytes = bytesOf(render(said));
        for (const [at, byte] of changed) bytes[at % bytes.length] = byte;
        expectReadOrRefused(name, bytes);
      }),
      { numRuns: 150 },
    );
  });
});

it('ten thousand lines that are alike are read and placed in one walk', () => {
  const [one] = fc.sample(line, { numRuns: 1, seed: 1 });
  const [said] = fc.sample(statement, { numRuns: 1, seed: 1 });
  const many = { ...said!, lines: Array.from({ length: 10_000 }, () => one!) };
  const [read] = bankFormats.camt.read(bytesOf(asCamt(many)));
  const keys = read!.lines.map(keyTextOf);
  const first = place(read!, keys, [], false);
  const known = first.map(({ index }): KnownLine => {
    const { amount, references } = read!.lines[index]!;
    const told = {
      kind: 'statement' as const,
      bankReference: references.bank,
      amount,
      pending: false,
      isOfThisFile: false,
    };
    return { id: String(index), key: keys[index]!, occurrence: index, ...told };
  });
  expect(place(read!, keys, known, false).every((each) => 'sameAs' in each)).toBe(true);
});

it('bytes of nothing are no format, or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const name of Object.keys(bankFormats)) expectReadOrRefused(name, Buffer.from(bytes));
    }),
    { numRuns: 200 },
  );
});

function expectReadOrRefused(name: string, bytes: Buffer): void {
  try {
    for (const read of bankFormats[name as 'camt'].read(bytes)) tieOut(read);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).code).toBe('file_unreadable');
  }
}
