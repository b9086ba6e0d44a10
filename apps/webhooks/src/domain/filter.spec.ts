import fc from 'fast-check';
import { compileFilter } from './filter.ts';

const payment = {
  type: 'payment.posted',
  timestamp: '2026-01-31T12:00:00.000Z',
  id: '0199a3c4-7f1e-7b52-9c1d-3e5f60718293',
  sequence: '0000000003',
  data: {
    state: 'posted',
    channel: 'link',
    method: null,
    retryable: false,
    amount: { amount: '123.45', amountMinor: 12_345, currency: 'USD' },
    dueOn: '2026-02-01',
    tags: ['late', 7],
    lines: [{ category: 'tax' }],
  },
};
const holds = (filter: object, content: unknown = payment) => {
  const { test, faults } = compileFilter(filter as never);
  expect(faults).toEqual([]);
  return test(content);
};

describe('what a filter asks', () => {
  it.each<[object, boolean]>([
    [{ type: 'payment.posted' }, true],
    [{ type: 'payment.posted', data: { state: 'draft' } }, false],
    [{ data: { state: 'posted', amount: { currency: 'USD' } } }, true],
    [{ 'data.amount.currency': 'USD' }, true],
    [{ data: { 'amount.currency': 'EUR' } }, false],
    [{ 'data.state': { $eq: 'posted' } }, true],
    [{ 'data.state': { $ne: 'posted' } }, false],
    [{ 'data.nothing': { $ne: 'posted' } }, true],
    [{ 'data.method': null }, true],
    [{ 'data.nothing': null }, false],
    [{ 'data.retryable': false }, true],
    [{ 'data.channel': { $in: ['api', 'link'] } }, true],
    [{ 'data.channel': { $nin: ['api', 'link'] } }, false],
    [{ 'data.nothing': { $in: ['api', null] } }, false],
    [{ 'data.nothing': { $nin: ['api'] } }, true],
    [{ 'data.amount.amountMinor': { $gt: 12_345 } }, false],
    [{ 'data.amount.amountMinor': { $gte: 12_345, $lt: 12_346 } }, true],
    [{ 'data.amount.amountMinor': { $lte: 12_344 } }, false],
    [{ 'data.amount.amount': '123.45' }, true],
    [{ 'data.amount.amount': { $gt: 100 } }, false],
    [{ 'data.dueOn': { $gte: '2026-02-01' } }, true],
    [{ 'data.dueOn': { $lt: '2026-02-01' } }, false],
    [{ timestamp: { $gt: '2026-01-31' } }, true],
    [{ 'data.state': { $gt: '2026-01-31' } }, false],
    [{ 'data.amount': { $exists: true } }, true],
    [{ 'data.amount': { $exists: false } }, false],
    [{ 'data.nothing.at.all': { $exists: false } }, true],
    [{ 'data.state': { $startsWith: 'pos' } }, true],
    [{ 'data.state': { $endsWith: 'pos' } }, false],
    [{ 'data.state': { $contains: 'ost' } }, true],
    [{ 'data.tags': { $contains: 'late' } }, true],
    [{ 'data.tags': { $contains: 7 } }, true],
    [{ 'data.tags': { $contains: '7' } }, false],
    [{ 'data.lines.0.category': 'tax' }, false],
    [{ $or: [{ type: 'refund.failed' }, { 'data.state': 'posted' }] }, true],
    [{ $and: [{ type: 'payment.posted' }, { 'data.state': 'draft' }] }, false],
    [{ $not: { 'data.state': 'draft' } }, true],
    [{ 'data.amount.amountMinor': { $or: [{ $lt: 0 }, { $gt: 10_000 }] } }, true],
    [{ 'data.amount.amountMinor': { $not: { $gt: 10_000 } } }, false],
    [{ 'data.amount': { $exists: true, currency: 'USD' } }, true],
  ])('%j: %s', (filter, expected) => {
    expect(holds(filter)).toBe(expected);
  });
});

const nested = (levels: number): object => (levels === 0 ? { $exists: true } : { $not: nested(levels - 1) });

describe('a filter that cannot be used says where', () => {
  it.each<[pointer: string, detail: string, filter: object]>([
    ['', 'must not be empty', {}],
    ['/data', 'must not be empty', { data: {} }],
    ['/amount', 'must begin with', { amount: 1 }],
    ['/$eq', 'needs a field', { $eq: 1 }],
    ['/$or/1/state', 'must begin with', { $or: [{ type: 'a' }, { state: 'b' }] }],
    ['/data.state/$regex', 'is not an operator', { 'data.state': { $regex: '(a+)+$' } }],
    ['/data.state/$where', 'is not an operator', { 'data.state': { $where: 'while (true);' } }],
    ['/data.state/$constructor', 'is not an operator', { 'data.state': { $constructor: 1 } }],
    ['/data.state', 'goes into $in', { 'data.state': ['a'] }],
    ['/data.state/$eq', 'must be a text, a number', { 'data.state': { $eq: ['a'] } }],
    ['/data.state/$in', 'must be a list', { 'data.state': { $in: 'a' } }],
    ['/data.state/$in', 'must be a list', { 'data.state': { $in: [] } }],
    ['/data.state/$in', 'must be a text, a number', { 'data.state': { $in: [{}] } }],
    ['/data.amount.amount/$gt', 'compare amountMinor', { 'data.amount.amount': { $gt: '100.00' } }],
    ['/data.state/$exists', 'must be true or false', { 'data.state': { $exists: 'yes' } }],
    ['/data.state/$startsWith', '1 to 256 characters', { 'data.state': { $startsWith: '' } }],
    ['/data.state', 'at most 256 characters', { 'data.state': 'x'.repeat(257) }],
    ['/$and', 'at least one filter', { $and: [] }],
    ['/$and', 'at least one filter', { $and: { type: 'a' } }],
    ['/data..state', 'is not a path', { 'data..state': 'a' }],
    ['/data/a~1b~0c/$no', 'is not an operator', { data: { 'a/b~c': { $no: 1 } } }],
    ['/data/$not/$not/$not/$not/$not/$not/$not', 'deeper than 8', { data: nested(7) }],
    ['', 'at most 4096 bytes', { data: { $and: Array.from({ length: 500 }, () => ({ a: 12_345 })) } }],
  ])('%j %s', (pointer, detail, filter) => {
    expect(compileFilter(filter as never).faults).toEqual([{ pointer, detail: expect.stringContaining(detail) }]);
  });

  it('all of it at once, and never takes an event meanwhile', () => {
    const { faults, test } = compileFilter({ data: { a: { $no: 1 }, b: [], c: { $gt: true } } });
    expect(faults.map(({ pointer }) => pointer)).toEqual(['/data/a/$no', '/data/b', '/data/c/$gt']);
    expect(test(payment)).toBe(false);
  });

  it('eight deep is not too deep', () => {
    expect(compileFilter({ data: nested(6) }).faults).toEqual([]);
  });
});

describe('F30 a hostile filter or event', () => {
  const names = [
    'data',
    'type',
    'a',
    '__proto__',
    'constructor',
    'prototype',
    'length',
    'toString',
    'data.a.__proto__',
  ];
  const key = fc.oneof(
    fc.constantFrom(...names, '$and', '$or', '$not', '$eq', '$ne', '$in', '$nin', '$gt', '$lte', '$exists'),
    fc.constantFrom('$startsWith', '$contains', '$where', '$__proto__', '$', '.', 'data.'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const text = fc.oneof(fc.constantFrom('a', '1e999', '2026-01-01', '123.45'), fc.string({ unit: 'binary' }));
  const leaf = fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      // As a parser makes it: every key an own property, also those that an assignment would send to the prototype.
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const object = fc.array(fc.tuple(key, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));

  it('never throws: it is refused with its places, or it answers yes or no, the same each time', () => {
    fc.assert(
      fc.property(object, fc.oneof(value, fc.constant(payment)), (filter, content) => {
        const { faults, test } = compileFilter(filter);
        expect(faults.every(({ pointer }) => pointer === '' || pointer.startsWith('/'))).toBe(true);
        const answer = test(content);
        expect(typeof answer).toBe('boolean');
        expect(test(content)).toBe(answer);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a refused filter takes nothing, and what $not says is the opposite', () => {
    fc.assert(
      fc.property(object, value, (filter, content) => {
        const { faults, test } = compileFilter(filter);
        const opposite = compileFilter({ $not: filter });
        if (faults.length === 0 && opposite.faults.length === 0) expect(opposite.test(content)).toBe(!test(content));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not see what an event inherits', () => {
    for (const path of [
      'data.__proto__',
      'data.constructor.name',
      'data.toString',
      'data.tags.length',
      '__proto__.a',
    ]) {
      const filter = path.startsWith('data') ? { [path]: { $exists: true } } : { data: { [path]: { $exists: true } } };
      expect([path, holds(filter)]).toEqual([path, false]);
    }
    const own = JSON.parse('{ "data": { "__proto__": { "a": 1 } } }') as object;
    expect(holds({ 'data.__proto__.a': 1 }, own)).toBe(true);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('a filter nested a hundred thousand deep, and one of a megabyte, are refused and not walked', () => {
    let deep: object = { a: 1 };
    for (let level = 0; level < 100_000; level += 1) deep = { $not: deep };
    expect(compileFilter(deep as never).faults).toHaveLength(1);
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`data.${at}`, { $no: 1 }]));
    expect(compileFilter(wide).faults).toEqual([{ pointer: '', detail: 'must be at most 4096 bytes of JSON' }]);
  });

  it('looks at the first 4,096 characters of a text and the first 1,000 items of a list', () => {
    const at = (length: number) => ({ data: { text: `${'a'.repeat(length)}b`, list: [...Array(length).fill(0), 1] } });
    expect(holds({ 'data.text': { $contains: 'b' } }, at(4_095))).toBe(true);
    expect(holds({ 'data.text': { $contains: 'b' } }, at(4_096))).toBe(false);
    expect(holds({ 'data.list': { $contains: 1 } }, at(999))).toBe(true);
    expect(holds({ 'data.list': { $contains: 1 } }, at(1_000))).toBe(false);
  });
});
