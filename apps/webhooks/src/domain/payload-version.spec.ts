import { PayloadVersions, versionOf } from './payload-version.ts';

/** A type whose second and third version renamed a field, and another that never changed. */
const converters = {
  'toy.sold.v2': ({ price, ...data }: Readonly<Record<string, unknown>>) => ({ ...data, cost: price }),
  'toy.sold.v3': ({ amount, ...data }: Readonly<Record<string, unknown>>) => ({ ...data, price: amount }),
};
const during = new PayloadVersions(['toy.sold', 'toy.sold.v2', 'toy.made'], converters);
const after = new PayloadVersions(['toy.sold.v3', 'toy.made'], converters);

it.each([
  ['payment.posted', 'payment.posted', 1],
  ['payment.posted.v2', 'payment.posted', 2],
  ['payment.posted.v12', 'payment.posted', 12],
  ['payment.posted.v0', 'payment.posted.v0', 1],
  ['payment.v', 'payment.v', 1],
  ['v2', 'v2', 1],
])('%s is %s, version %d', (subject, name, version) => {
  expect(versionOf(subject)).toEqual({ name, version });
});

it('of two versions that are published side by side an endpoint is sent one', () => {
  const taken = (pin: number) => ['toy.sold', 'toy.sold.v2', 'toy.made'].filter((type) => during.takes(type, pin));
  expect(taken(1)).toEqual(['toy.sold', 'toy.made']);
  expect(taken(2)).toEqual(['toy.sold.v2', 'toy.made']);
  expect(taken(3)).toEqual(['toy.sold.v2', 'toy.made']);
});

it('a version that is published no more is made of the next one, step by step, under its own name', () => {
  const data = { id: 't1', amount: 7 };
  expect(after.takes('toy.sold.v3', 1)).toBe(true);
  expect([after.sentAs('toy.sold.v3', 1), after.convert('toy.sold.v3', data, 1)]).toEqual([
    'toy.sold',
    { id: 't1', cost: 7 },
  ]);
  expect([after.sentAs('toy.sold.v3', 2), after.convert('toy.sold.v3', data, 2)]).toEqual([
    'toy.sold.v2',
    { id: 't1', price: 7 },
  ]);
  expect([after.sentAs('toy.sold.v3', 3), after.convert('toy.sold.v3', data, 3)]).toEqual(['toy.sold.v3', data]);
  expect(data).toEqual({ id: 't1', amount: 7 });
});

it('a version that nobody can make is refused and never sent as another', () => {
  const without = new PayloadVersions(['toy.sold.v2'], {});
  expect(() => without.convert('toy.sold.v2', {}, 1)).toThrow('nothing converts toy.sold from version 2 down');
});

it('lists what can be sent of a type, oldest first, and pins to the newest of all', () => {
  expect([during.of('toy.sold'), during.of('toy.made'), during.current]).toEqual([[1, 2], [1], 2]);
  expect([after.of('toy.sold'), after.of('toy.made'), after.current]).toEqual([[1, 2, 3], [1], 3]);
  expect(during.names).toEqual(['toy.sold', 'toy.made']);
});

it('a type outside the catalogue is sent as it is, whatever number it bears', () => {
  expect(during.takes('acme.claim.v9', 1)).toBe(true);
  expect(during.sentAs('acme.claim.v9', 1)).toBe('acme.claim.v9');
  expect(during.convert('acme.claim.v9', { a: 1 }, 1)).toEqual({ a: 1 });
});
