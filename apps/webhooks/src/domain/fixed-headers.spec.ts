import fc from 'fast-check';
import { fixedHeadersProblem } from './fixed-headers.ts';

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, 'v']));

describe('fixedHeadersProblem', () => {
  it.each([
    [{}],
    [{ 'x-api-key': 's3cret' }],
    [{ 'X-Team': 'books and ledgers', accept: '*/*' }],
    [many(20)],
    [{ 'x-long': 'v'.repeat(4_096) }],
  ])('lets %j', (headers) => {
    expect(fixedHeadersProblem(headers)).toBeNull();
  });

  it.each([
    ['a string', 'x: y', 'must be an object'],
    ['an array', [['x', 'y']], 'must be an object'],
    ['null', null, 'must be an object'],
    ['too many', many(21), 'must be at most 20 headers'],
    ['one twice', { 'x-a': '1', 'X-A': '2' }, 'names a header twice'],
    ['a name with a space', { 'x a': '1' }, 'holds a name that is not valid'],
    ['a name with a line break', { 'x\r\nhost': '1' }, 'holds a name that is not valid'],
    ['no name', { '': '1' }, 'holds a name that is not valid'],
    ['the signature', { 'Webhook-Signature': 'v1,x' }, 'may not set webhook-signature, which is ours to set'],
    ['the host', { Host: 'inside' }, 'may not set host, which is ours to set'],
    ['the framing', { 'content-length': '0' }, 'may not set content-length, which is ours to set'],
    ['hop by hop', { 'Transfer-Encoding': 'chunked' }, 'may not set transfer-encoding, which is ours to set'],
    ['credentials', { authorization: 'Basic x' }, 'may not set authorization, which is ours to set'],
    [
      'the proxy’s credentials',
      { 'proxy-authorization': 'x' },
      'may not set proxy-authorization, which is ours to set',
    ],
    ['a number', { 'x-a': 1 }, 'must give x-a printable ASCII characters, 4096 at most'],
    ['nothing', { 'x-a': '' }, 'must give x-a printable ASCII characters, 4096 at most'],
    ['a second header', { 'x-a': '1\r\nx-b: 2' }, 'must give x-a printable ASCII characters, 4096 at most'],
    ['a NUL', { 'x-a': 'a\0' }, 'must give x-a printable ASCII characters, 4096 at most'],
    ['another script', { 'x-a': 'café' }, 'must give x-a printable ASCII characters, 4096 at most'],
    ['a long value', { 'x-a': 'v'.repeat(4_097) }, 'must give x-a printable ASCII characters, 4096 at most'],
    ['much in all', { 'x-a': 'v'.repeat(4_096), 'x-b': 'v'.repeat(4_096) }, 'must be at most 8192 characters in all'],
  ])('refuses %s', (_name, headers, problem) => {
    expect(fixedHeadersProblem(headers)).toBe(problem);
  });

  it('whatever it lets can stand in a request without becoming another one', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (headers) => {
        if (fixedHeadersProblem(headers) !== null) return;
        const text = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
        for (const line of text) expect(line).toMatch(/^[^\s:]+: [\x20-\x7e]+$/);
      }),
    );
  });
});
