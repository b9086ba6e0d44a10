import fc from 'fast-check';
import { holdsCardNumber, maskCardNumbers } from './card-number.ts';

/** Numbers that the schemes publish for tests, of every length that is common. */
const numbers = [
  ...['4111111111111111', '4242424242424242', '4222222222222', '5555555555554444', '2223003122003222'],
  ...['378282246310005', '6011111111111117', '30569309025904', '3530111333300000', '6200000000000005'],
];

const fours = (number: string, separator: string) => number.match(/.{1,4}/g)!.join(separator);
const fullWidth = (number: string) => number.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));

const disguises: Readonly<Record<string, (number: string) => string>> = {
  'as it is': (number) => number,
  'in fours': (number) => fours(number, ' '),
  'with dashes': (number) => fours(number, '-'),
  'with dots': (number) => fours(number, '.'),
  'every digit apart': (number) => [...number].join(' '),
  'with hard spaces and long dashes': (number) => fours(number, '\u00a0').replace('\u00a0', '\u2013'),
  'in full-width digits': fullWidth,
  'with zero-width joins': (number) => fours(number, '\u200d'),
  'in mathematical digits': (number) => number.replace(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit))),
  'in a sentence': (number) => `Card ${number}, thanks.`,
  'behind an amount': (number) => `25.67 ${number}`,
  'before a date': (number) => `${number} 12.28`,
  'behind a UUID': (number) => `0199a3c4-7f1e-7b52-9c1d-3e5f60718293 ${number}`,
};

describe('a card number is found', () => {
  it.each(Object.entries(disguises))('%s', (_how, disguise) => {
    expect(numbers.filter((number) => !holdsCardNumber(disguise(number)))).toEqual([]);
  });

  it('but not with one digit changed, nor inside a longer number or a word', () => {
    const changed = numbers.map((number) => number.slice(0, -1) + String((Number(number.at(-1)) + 1) % 10));
    const glued = numbers.flatMap((number) => [`x${number}`, `${number}x`, `${number}00000000`, `é${number}`]);
    expect([...changed, ...glued].filter(holdsCardNumber)).toEqual([]);
  });
});

describe('what is no card number is let through', () => {
  const never = (texts: fc.Arbitrary<string>) =>
    fc.assert(
      fc.property(texts, (text) => !holdsCardNumber(text)),
      { numRuns: 2_000 },
    );
  const digits = (length: number) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((list) => list.join(''));
  const crockford = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
  const base32 = (length: number) =>
    fc.string({ unit: fc.constantFrom(...crockford), minLength: length, maxLength: length });

  it('a UUID, also of digits only, alone or in a path', () => {
    never(fc.uuid());
    const ofDigits = fc.tuple(digits(8), digits(4), digits(4), digits(4), digits(12)).map((parts) => parts.join('-'));
    never(ofDigits);
    never(ofDigits.map((id) => `/payments/${id}/media/${id}`));
  });

  it('a ULID, a base64url text, a display id', () => {
    never(base32(26));
    never(fc.uint8Array({ minLength: 8, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64url')));
    never(fc.tuple(base32(5), base32(5), base32(5)).map((groups) => `P-${groups.join('-')}`));
  });

  it('a policy number, an instant in milliseconds, a timestamp', () => {
    never(fc.tuple(fc.integer({ min: 1990, max: 2099 }), digits(6)).map(([year, n]) => `POL-${year}-${n}`));
    never(fc.integer({ min: Date.UTC(2001, 8, 10), max: Date.UTC(2090, 0, 1) }).map(String));
    const instants = fc.date({ min: new Date('1990-01-01'), max: new Date('2099-01-01'), noInvalidDate: true });
    never(instants.map((at) => at.toISOString()));
  });

  it('the 15-digit trace of an ACH entry: the routing number before the sequence', () => {
    const district = fc.oneof(
      ...[
        [1, 12],
        [21, 32],
        [61, 72],
        [80, 80],
      ].map(([min, max]) => fc.integer({ min: min!, max: max! })),
    );
    never(fc.tuple(district, digits(13)).map(([first, rest]) => String(first).padStart(2, '0') + rest));
  });

  it('an IBAN, compact or printed in fours', () => {
    const ibans = fc.tuple(fc.constantFrom('DE', 'FR', 'ES', 'IT', 'AT'), digits(18)).map(([country, account]) => {
      const letters = [...country].map((letter) => parseInt(letter, 36)).join('');
      const check = 98n - (BigInt(`${account}${letters}00`) % 97n);
      return `${country}${String(check).padStart(2, '0')}${account}`;
    });
    never(ibans);
    never(ibans.map((iban) => `IBAN ${fours(iban, ' ')}`));
  });

  it('but one random 16-digit reference in 26 is taken for one', () => {
    const references = fc.sample(digits(16), { numRuns: 20_000, seed: 1 });
    const rate = references.filter(holdsCardNumber).length / references.length;
    expect(rate).toBeGreaterThan(0.033);
    expect(rate).toBeLessThan(0.043);
  });
});

describe('masking', () => {
  it('keeps the last four digits and everything around them', () => {
    expect(maskCardNumbers('a 4111-1111-1111-1111, 5555555555554444!')).toBe(
      'a ****-****-****-1111, ************4444!',
    );
    expect(maskCardNumbers('ﬁve 🙂 ４１１１ 1111\u200d1111 1111 ½')).toBe('ﬁve 🙂 **** ****\u200d**** 1111 ½');
    expect(maskCardNumbers('25.60 4111111111111111 2026')).toBe('25.60 ************1111 2026');
  });

  it('hides of two numbers that share digits all but the last end', () => {
    expect(maskCardNumbers('67 4111111111111111')).toBe('** ************1111');
  });

  it('leaves nothing to find, changes no text without one, and never the length', () => {
    const piece = fc.oneof(
      fc.constantFrom(...numbers, ...numbers.map(disguises['in full-width digits']!), ' ', '-', '\u200b', '½', 'é'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const masked = maskCardNumbers(text);
        expect(holdsCardNumber(masked)).toBe(false);
        expect(masked === text).toBe(!holdsCardNumber(text));
        expect([...masked]).toHaveLength([...text].length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes a long text of digits and separators in its stride', () => {
    const hostile = ['4 '.repeat(200_000), '4'.repeat(400_000), `${'4'.repeat(399_999)}x`, '4-'.repeat(200_000) + 'x'];
    expect(hostile.map((text) => maskCardNumbers(text).length)).toEqual(hostile.map(({ length }) => length));
  });
});
