import fc from 'fast-check';
import { answered, changeAddendum, nachaFile, returnAddendum, trnAddendum } from './nacha-writer.fixture.ts';
import type { WrittenEntry } from './nacha-writer.fixture.ts';
import { readNacha } from './read-nacha.ts';

const trace = (n: number) => `09100001${String(n).padStart(7, '0')}`;
const codesOf = (bytes: Buffer) => readNacha(bytes).warnings.map(({ code }) => code);
const r01: WrittenEntry = { cents: 12_354, trace: trace(9), addenda: [returnAddendum('R01', trace(1))] };

it('reads a return: its code, the original trace, the amount and the way it went', () => {
  const file = readNacha(nachaFile([{ entries: [r01], entryClass: 'WEB' }]));
  expect(file).toMatchObject({
    entries: 1,
    addenda: 1,
    debit: 12_354n,
    credit: 0n,
    createdOn: '2025-01-06',
    warnings: [],
  });
  expect(file.batches).toEqual([
    {
      index: 0,
      header: {
        ...{ companyId: '1234567890', entryClass: 'WEB', description: 'PREMIUM', effectiveOn: '2025-01-06' },
        ...{ odfi: '09100001', number: 1 },
      },
      entries: [
        {
          ...{ record: 3, direction: 'debit', amount: 12_354n, identification: '', trace: trace(9) },
          addenda: [{ type: '99', code: 'R01', originalTrace: trace(1), returnTrace: null, returnCode: null }],
        },
      ],
    },
  ]);
});

it('keeps no name and no account number', () => {
  const everything = JSON.stringify(readNacha(nachaFile([{ entries: [r01] }])), (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(everything).not.toMatch(/PERSON|123456789012|000123456789/);
});

it('reads which return is dishonoured or contested', () => {
  const addenda = [returnAddendum('R68', trace(1), answered(trace(5), 'R01'))];
  const [batch] = readNacha(nachaFile([{ entries: [{ ...r01, addenda }] }])).batches;
  expect(batch?.entries[0]?.addenda).toEqual([
    { type: '99', code: 'R68', originalTrace: trace(1), returnTrace: trace(5), returnCode: 'R01' },
  ]);
});

it('reads a change of account data, without the data, and the TRN of a health plan', () => {
  const entries = [
    { code: '21', cents: 0, trace: trace(2), addenda: [changeAddendum('C01', trace(1))] },
    { code: '22', cents: 39_205, trace: trace(3), addenda: [trnAddendum('1512197', '1999999999')] },
  ];
  const [batch] = readNacha(nachaFile([{ entries, entryClass: 'CCD' }])).batches;
  expect(batch?.entries.map(({ direction, addenda }) => [direction, ...addenda])).toEqual([
    ['credit', { type: '98', code: 'C01', originalTrace: trace(1) }],
    ['credit', { type: '05', trn: { trn02: '1512197', trn03: '1999999999' } }],
  ]);
});

it.each([
  ['LF', '\n'],
  ['CR LF', '\r\n'],
  ['nothing', ''],
])('reads records that end with %s', (_, ending) => {
  const file = readNacha(nachaFile([{ entries: [r01] }, { entries: [r01, r01] }], { ending }));
  expect([file.batches.length, file.entries, file.warnings]).toEqual([2, 3, []]);
});

it('reads a file whose trailing blanks were cut', () => {
  const cut = nachaFile([{ entries: [r01] }])
    .toString()
    .replaceAll(/ +\n/g, '\n');
  expect(readNacha(Buffer.from(cut)).warnings).toEqual([]);
});

it('warns of what does not add up, and of what is missing', () => {
  const lines = nachaFile([{ entries: [r01] }])
    .toString()
    .split('\n');
  const without = (...types: string[]) =>
    Buffer.from(lines.filter((line) => !types.includes(line[0] ?? '') || /^9{94}$/.test(line)).join('\n'));
  expect(codesOf(without('1'))).toEqual(['no_file_header']);
  expect(codesOf(without('9'))).toEqual(['no_file_control']);
  expect(codesOf(without('8'))).toEqual(['no_batch_control']);
  expect(codesOf(without('1', '5', '8', '9'))).toEqual([
    ...['no_batch_header', 'no_batch_control', 'no_file_header', 'no_file_control'],
  ]);
  const broken = Buffer.from(lines.map((line) => line.replace(/^8200000002/, '8200000003')).join('\n'));
  expect(codesOf(broken)).toEqual(['entry_count']);
  const other = Buffer.from(
    lines.map((line) => (line.startsWith('626') ? line.replace('0000012354', '0000012355') : line)).join('\n'),
  );
  expect(codesOf(other)).toEqual(['totals', 'totals']);
});

it.each([
  ['nothing of the kind', 'hello\nworld\n', 'Record 1 at byte 0 is no record of an ACH file.'],
  ['nothing at all', '', 'Record 1 at byte 0 begins neither a file, nor a batch, nor an entry.'],
  [
    'an amount of letters',
    nachaFile([{ entries: [r01] }])
      .toString()
      .replace('0000012354', '00000X2354'),
    'Record 3 at byte 190 has no number as its amount.',
  ],
  ['an addendum alone', `${returnAddendum('R01', trace(1))}\n`, 'Record 1 at byte 0 is an addendum without an entry.'],
])('refuses %s, naming the record and the byte', (_, text, message) => {
  expect(() => readNacha(Buffer.from(text))).toThrow(message);
});

it('reads what was written, however it is cut into batches', () => {
  const entry = fc.record({
    cents: fc.integer({ min: 0, max: 9_999_999_999 }),
    code: fc.constantFrom('21', '26', '27', '22', '36', '31'),
  });
  const batches = fc.array(fc.array(entry, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(batches, fc.constantFrom('\n', '\r\n', ''), (written, ending) => {
      let n = 0;
      const file = nachaFile(
        written.map((entries) => ({ entries: entries.map((each) => ({ ...each, trace: trace((n += 1)) })) })),
        { ending },
      );
      const read = readNacha(file);
      expect(read.warnings).toEqual([]);
      expect(read.batches.map(({ entries }) => entries.map(({ amount }) => Number(amount)))).toEqual(
        written.map((entries) => entries.map(({ cents }) => cents)),
      );
    }),
    { numRuns: 50 },
  );
});

it('throws nothing but what names the place, whatever it is given', () => {
  const good = nachaFile([{ entries: [r01, r01] }]);
  fc.assert(
    fc.property(fc.nat({ max: good.length - 1 }), fc.uint8Array({ minLength: 1, maxLength: 20 }), (at, noise) => {
      const bytes = Buffer.from(good);
      Buffer.from(noise).copy(bytes, at);
      try {
        readNacha(bytes);
      } catch (error) {
        expect(error).toMatchObject({
          code: 'file_unreadable',
          message: expect.stringMatching(/^Record \d+ at byte \d+ /),
        });
      }
    }),
    { numRuns: 100 },
  );
});
