import fc from 'fast-check';
import { DomainError } from '../domain/errors.ts';
import type { Remittance } from './remittance.ts';
import { readRemittances } from './remittance-reader.ts';
import { delimiters, interchangeOf, sample, segmentsOf, setModel } from './testing/generate-835.itest.ts';
import type { Written } from './testing/generate-835.itest.ts';

const read = (...chunks: Buffer[]): Remittance[] => [...readRemittances(chunks)];
/** What was said, wherever in a file it stood. */
const meaning = (remittances: Remittance[]) =>
  remittances.map(({ offset, length, index, claims, ...rest }) => ({
    ...rest,
    claims: claims.map(({ offset: at, ...claim }) => claim),
  }));
const plain = interchangeOf([segmentsOf(sample)]);
const expected = meaning(read(plain));
const good = ({ balanced, faults }: Remittance) => balanced && !faults.some(({ blocking }) => blocking);

/** Balanced remittances of a file that may be unreadable, but may not make anything else fail. */
function balancedOf(bytes: Buffer): Remittance[] {
  try {
    return read(bytes).filter(good);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'file_unreadable') return [];
    throw error;
  }
}

it('the sample is what it should be', () => {
  expect(expected).toHaveLength(1);
  expect(expected[0]!.faults).toEqual([]);
  expect(expected[0]!.claims).toHaveLength(2);
});

describe('balances', () => {
  it('whatever is legal balances, without a word', () => {
    fc.assert(
      fc.property(fc.array(setModel, { minLength: 1, maxLength: 3 }), (models) => {
        const sets = models.map((model, n) => segmentsOf(model, String(n)));
        const remittances = read(interchangeOf(sets));
        expect(remittances).toHaveLength(models.length);
        for (const remittance of remittances) {
          expect(remittance.faults).toEqual([]);
          expect(remittance.balanced && remittance.claims.every(({ balanced }) => balanced)).toBe(true);
        }
      }),
    );
  });

  const slots = (set: readonly Written[]) =>
    set.flatMap(({ amounts }, segment) => amounts.map((slot) => ({ segment, ...slot })));
  const changed = (set: readonly Written[], at: { segment: number; element: number }, to: (text: string) => string) =>
    set.map(({ elements, amounts }, n) => ({
      amounts,
      elements: elements.map((text, m) => (n === at.segment && m === at.element ? to(text) : text)),
    }));
  const mutation = fc.tuple(setModel, fc.nat(), fc.integer({ min: -9_999, max: 9_999 }));

  it('one amount that is wrong is one fault, at the innermost level that it breaks', () => {
    fc.assert(
      fc.property(mutation, ([model, choice, delta]) => {
        fc.pre(delta !== 0);
        const set = segmentsOf(model);
        const all = slots(set);
        const slot = all[choice % all.length]!;
        const wrong = changed(set, slot, (text) => ((Math.round(Number(text) * 100) + delta) / 100).toFixed(2));
        const [remittance] = read(interchangeOf([wrong]));
        const { code, claim, line } = slot;
        expect(remittance!.faults).toEqual([
          {
            code,
            blocking: true,
            detail: expect.any(String),
            ...(claim === undefined ? {} : { claim }),
            ...(line === undefined ? {} : { line }),
          },
        ]);
        if (claim !== undefined) expect(remittance!.claims[claim]!.balanced).toBe(false);
      }),
    );
  });

  it('one amount that cannot be read is one fault, and nothing is judged by it', () => {
    fc.assert(
      fc.property(mutation, ([model, choice]) => {
        const set = segmentsOf(model);
        const all = slots(set);
        const slot = all[choice % all.length]!;
        const [remittance] = read(interchangeOf([changed(set, slot, () => '1.005')]));
        expect(remittance!.faults).toEqual([expect.objectContaining({ code: 'syntax', blocking: true })]);
        const held = slot.claim === undefined ? remittance!.balanced : remittance!.claims[slot.claim]!.balanced;
        expect(held).toBe(false);
      }),
    );
  });
});

describe('however it is written, it means the same', () => {
  it('with any delimiters', () => {
    fc.assert(
      fc.property(delimiters, (parts) => {
        expect(meaning(read(interchangeOf([segmentsOf(sample)], parts)))).toEqual(expected);
      }),
    );
  });

  it('cut in two at every byte, and into single bytes', () => {
    const whole = read(plain);
    for (let at = 0; at <= plain.length; at++) {
      expect(read(plain.subarray(0, at), plain.subarray(at))).toEqual(whole);
    }
    expect(read(...[...plain].map((byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it('cut in two at every byte of a file that says too early that it is at its end', () => {
    const early = plain.toString('latin1').replace('LX*1~', 'IEA*1*000000001~LX*1~ ~');
    const bytes = Buffer.from(`${early}ST*835*1~ISA of something\n${plain.toString('latin1')}`, 'latin1');
    const whole = read(bytes);
    expect(whole).toHaveLength(2);
    for (let at = 0; at <= bytes.length; at++) expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
  });

  it('from a buffer that is used again for each chunk', () => {
    const buffer = Buffer.alloc(7);
    function* reused() {
      for (let at = 0; at < plain.length; at += 7) yield buffer.subarray(0, plain.copy(buffer, 0, at, at + 7));
    }
    expect([...readRemittances(reused())]).toEqual(read(plain));
  });

  it.each([
    ['a byte order mark', (text: string) => `\u00ef\u00bb\u00bf${text}`],
    ['blank lines before it', (text: string) => `\r\n  \r\n${text}`],
    ['wrapped at 80', (text: string) => text.replace(/.{80}/g, '$&\r\n')],
    ['wrapped at 105, where the ISA ends', (text: string) => text.replace(/.{105}/g, '$&\n')],
    ['indented', (text: string) => text.replaceAll('~', '~\r\n\t  ')],
    ['without its last terminator', (text: string) => text.slice(0, -1)],
    ['without padding in its ISA', (text: string) => text.replace(/ +\*/g, '*')],
  ])('with %s', (_, change) => {
    expect(meaning(read(Buffer.from(change(plain.toString('latin1')), 'latin1')))).toEqual(expected);
  });

  it('one behind another, each interchange with delimiters of its own', () => {
    const gap = fc.constantFrom('', '\n', '\r\n\r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(delimiters, gap), { minLength: 2, maxLength: 4 }), (parts) => {
        const files = parts.flatMap(([each, between]) => [
          interchangeOf([segmentsOf(sample)], each),
          Buffer.from(between),
        ]);
        expect(meaning(read(Buffer.concat(files)))).toEqual(parts.flatMap(() => expected));
      }),
    );
  });
});

describe('what is broken never fails otherwise, and never comes out balanced', () => {
  it('random bytes, also behind a good beginning', () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((random) => Buffer.from(random));
    fc.assert(
      fc.property(bytes, fc.nat({ max: plain.indexOf('SE*') }), (random, from) => {
        expect(balancedOf(random)).toEqual([]);
        // The end of the set is not in what is kept of it.
        expect(balancedOf(Buffer.concat([plain.subarray(0, from), random]))).toEqual([]);
      }),
    );
  });

  it('cut off at any byte: what has no end is held as truncated', () => {
    const two = interchangeOf([segmentsOf(sample, '1'), segmentsOf(sample, '2')]);
    const ends = [...two.toString('latin1').matchAll(/SE\*\d+\*\d/g)].map(({ index, 0: se }) => index + se.length);
    for (let at = 0; at < two.length; at++) {
      const whole = ends.filter((end) => end <= at).length;
      expect(balancedOf(two.subarray(0, at))).toHaveLength(whole);
      if (at < ends[0]! && at > two.indexOf('BPR')) {
        expect(read(two.subarray(0, at))[0]!.faults).toEqual([
          expect.objectContaining({ code: 'file_truncated', blocking: true }),
        ]);
      }
    }
  });

  it('any byte changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: plain.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const broken = Buffer.from(plain);
        broken[at] = byte;
        expect(balancedOf(broken).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a segment left out is noticed: by the balances, and where it is only the head of a line, by a warning', () => {
    const set = segmentsOf(sample);
    for (const [n, { elements, amounts }] of set.entries()) {
      const without = balancedOf(interchangeOf([set.toSpliced(n, 1)]));
      for (const { faults } of without) expect(faults).not.toEqual([]);
      if (amounts.length > 0 && elements[0] !== 'SVC') expect(without).toEqual([]);
    }
  });
});
