import fc from 'fast-check';
import { parseJson } from './json-body.ts';
import { Problem } from './problem.ts';

const parse = (text: string) => parseJson(Buffer.from(text));

describe('numbers', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['12.50', 12.5],
    ['1700000000000', 1_700_000_000_000],
    ['9007199254740991', 9_007_199_254_740_991],
    ['1e3', 1000],
    ['1.5000000000000000000', 1.5],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['9007199254740993', '9007199254740993'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['1e400', '1e400'],
    ['-1e-400', '-1e-400'],
    ['0e999', 0],
  ])('reads %s as %p', (text, expected) => {
    expect(parse(`{"n":${text}}`)).toEqual({ n: expected });
  });

  it('leaves digits inside strings alone', () => {
    expect(parse('{"n":"12345678901234567890123","m":1}')).toEqual({ n: '12345678901234567890123', m: 1 });
  });

  it('never changes a value: what comes as a number is the number that was written', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 12 }),
        (digits, scale) => {
          const padded = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
          const cut = padded.length - scale;
          const text = `${digits < 0n ? '-' : ''}${padded.slice(0, cut)}${scale ? `.${padded.slice(cut)}` : ''}`;
          const { n } = parse(`{"n":${text}}`) as { n: number | string };
          expect(minor(String(n), scale)).toBe(digits);
        },
      ),
    );
  });

  /**
   * The decimal in units of the scale; a number prints as its shortest text, with an exponent when it is large or
   * small.
   */
  const minor = (text: string, scale: number): bigint => {
    const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').split('e');
    const [whole = '', fraction = ''] = mantissa.split('.');
    const zeros = scale + Number(exponent) - fraction.length;
    const digits = BigInt(whole + fraction);
    const value = zeros >= 0 ? digits * 10n ** BigInt(zeros) : digits / 10n ** BigInt(-zeros);
    return text.startsWith('-') ? -value : value;
  };
});

describe('refusals', () => {
  const problemOf = (bytes: Buffer): unknown => {
    try {
      return parseJson(bytes);
    } catch (error) {
      return error;
    }
  };

  it('nests to 32 and no deeper, and brackets in strings do not count', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}"${'['.repeat(99)}\\""${']'.repeat(depth)}`;
    expect(parse(nested(32))).toBeInstanceOf(Array);
    expect(problemOf(Buffer.from(nested(33)))).toMatchObject({ status: 400, code: 'malformed_json' });
  });

  it('survives a body of nothing but brackets', () => {
    expect(problemOf(Buffer.from('['.repeat(1_000_000)))).toBeInstanceOf(Problem);
  });

  it.each([[Buffer.from([0x22, 0xff, 0x22])], [Buffer.from([0x22, 0xc0, 0x80, 0x22])]])(
    'refuses bytes that are not UTF-8',
    (bytes) => {
      expect(problemOf(bytes)).toMatchObject({ code: 'malformed_json' });
    },
  );

  it('takes a whole emoji written as a surrogate pair, and a backslash before u0000', () => {
    expect(parse('{"a":"\\ud83d\\ude00","b":"\\\\u0000"}')).toEqual({ a: '😀', b: '\\u0000' });
  });

  it('refuses NUL in a key', () => {
    expect(problemOf(Buffer.from('{"a":{"\\u0000":1}}'))).toMatchObject({ code: 'invalid_request' });
  });

  it('reads an empty body as none', () => {
    expect(parse('')).toBeUndefined();
  });

  it('answers a Problem or the value of JSON.parse for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const value = problemOf(Buffer.from(text));
        if (value instanceof Problem) expect(value.status).toBe(400);
        else if (text !== '') expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});
