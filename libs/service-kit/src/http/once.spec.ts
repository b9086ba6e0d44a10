import { fingerprintOf, idempotencyKey } from './once.ts';

const request = (body: unknown, contentType = 'application/json', url = '/payments') => ({
  method: 'POST',
  url,
  headers: { 'content-type': contentType },
  body,
});

describe('the fingerprint', () => {
  const base = fingerprintOf(request({ a: 1, b: ['x', { c: 2.5 }] }));

  it('is the same for the same request, however it was serialised', () => {
    expect(fingerprintOf(request({ b: ['x', { c: 2.5 }], a: 1 })).equals(base)).toBe(true);
    expect(fingerprintOf(request({ a: 1, b: ['x', { c: 2.5 }] }, 'Application/JSON; charset=utf-8')).equals(base)).toBe(
      true,
    );
  });

  it.each([
    request({ a: 2, b: ['x', { c: 2.5 }] }),
    request({ a: '1', b: ['x', { c: 2.5 }] }),
    request({ a: 1, b: [{ c: 2.5 }, 'x'] }),
    request({ a: 1, b: ['x', { c: 2.5 }] }, 'application/json', '/payments/1/reverse'),
    { ...request({ a: 1, b: ['x', { c: 2.5 }] }), method: 'PATCH' },
    request(undefined),
  ])('differs for another request: %j', (other) => {
    expect(fingerprintOf(other).equals(base)).toBe(false);
  });

  it('covers the bytes of a body that is not JSON', () => {
    const [one, two] = ['ISA*00*', 'ISA*01*'].map((text) =>
      fingerprintOf(request(Buffer.from(text), 'application/edi-x12')),
    );
    expect(one).not.toEqual(two);
  });
});

describe('the key', () => {
  it.each([
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    ['"a\\"b"', 'a"b'],
    ['x'.repeat(255), 'x'.repeat(255)],
    ['a"b', 'a"b'],
  ])('reads %j', (header, key) => {
    expect(idempotencyKey(header, true)).toBe(key);
  });

  it.each(['', '""', '"', '"a', 'a b', 'ä', 'x'.repeat(256), 'a\tb', '"a"b"'])('refuses %j', (header) => {
    expect(() => idempotencyKey(header, false)).toThrow('The Idempotency-Key is not valid.');
  });

  it('refuses a header that was sent twice', () => {
    expect(() => idempotencyKey(['a', 'b'], false)).toThrow('The Idempotency-Key is not valid.');
  });

  it('may be absent only where it is not required', () => {
    expect(idempotencyKey(undefined, false)).toBeUndefined();
    expect(() => idempotencyKey(undefined, true)).toThrow('needs an Idempotency-Key');
  });
});
