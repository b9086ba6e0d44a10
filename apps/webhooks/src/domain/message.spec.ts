import fc from 'fast-check';
import { firstIdAt, idFault, isCustomPattern, isCustomType, refuseAnother, timeOf } from './message.ts';
import type { Publication } from './message.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const idAt = (at: string | number) => firstIdAt(new Date(at).getTime()).replace('-0000-0000-', '-7000-8000-');

describe('isCustomType', () => {
  it.each(['custom.claim', 'custom.claim.opened', 'custom.a1.b_2.c'])('%s is', (type) => {
    expect(isCustomType(type)).toBe(true);
  });
  it.each([
    'custom',
    'custom.',
    'claim.opened',
    'custom.Claim',
    'custom.a.b.c.d',
    'custom.a b',
    'xcustom.a',
    'custom.*',
  ])('%s is not', (type) => {
    expect(isCustomType(type)).toBe(false);
  });
});

describe('isCustomPattern', () => {
  it.each(['custom.*', 'custom.claim', 'custom.claim.*', 'custom.a.b.c'])('%s is', (pattern) => {
    expect(isCustomPattern(pattern)).toBe(true);
  });
  it.each(['*', 'custom', 'custom*', 'custom.claim*', 'payment.*', 'custom.*.*', 'custom.a.b.c.d.*'])(
    '%s is not',
    (pattern) => {
      expect(isCustomPattern(pattern)).toBe(false);
    },
  );
});

describe('idFault', () => {
  it.each([
    ['of this moment', idAt('2026-03-01T12:00:00Z'), null],
    ['of a day ago', idAt('2026-02-28T12:00:00Z'), null],
    ['of tomorrow', idAt('2026-03-02T12:00:00Z'), null],
    ['of more than a day ago', idAt('2026-02-28T11:59:59.999Z'), 'must name a time within a day of now'],
    ['of the day after tomorrow', idAt('2026-03-02T12:00:00.001Z'), 'must name a time within a day of now'],
    ['of version 4', '3f0e8a52-93a4-4b41-9a52-0d6dbe0f2a55', 'must be a UUID of version 7'],
    ['no id', 'x', 'must be a UUID of version 7'],
  ])('F26 %s', (_name, id, fault) => {
    expect(idFault(id, now)).toBe(fault);
  });
});

describe('ids and time', () => {
  it('the first id of a millisecond tells it, and ids sort as their times do', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 47), fc.nat(2 ** 47), (a, b) => {
        expect(timeOf(firstIdAt(a))).toBe(a);
        expect(firstIdAt(a) < firstIdAt(b)).toBe(a < b);
      }),
    );
  });
});

describe('F5 refuseAnother', () => {
  const first: Publication = {
    type: 'custom.a',
    subject: 's',
    sequence: 1,
    channels: ['a'],
    data: { a: 1, b: [{ c: null }] },
  };
  const shuffled = { b: [{ c: null }], a: 1 };

  it('takes the same again, in whatever order its keys are', () => {
    expect(() => refuseAnother(first, { ...first, data: shuffled })).not.toThrow();
    fc.assert(
      fc.property(fc.json(), (json) =>
        refuseAnother({ ...first, data: JSON.parse(json) }, { ...first, data: JSON.parse(json) }),
      ),
    );
  });

  it.each<[string, Partial<Publication>]>([
    ['type', { type: 'custom.b' }],
    ['subject', { subject: 't' }],
    ['sequence', { sequence: null }],
    ['channel', { channels: ['b'] }],
    ['data', { data: { ...shuffled, a: 2 } }],
    ['one key less', { data: { a: 1 } }],
    ['one key more', { data: { ...shuffled, d: 1 } }],
    ['an array where an object was', { data: { a: 1, b: { 0: { c: null } } } }],
    ['null where nothing was', { data: { a: 1, b: [{}] } }],
  ])('refuses another %s', (_name, change) => {
    expect(() => refuseAnother(first, { ...first, ...change })).toThrow('another message');
  });
});
