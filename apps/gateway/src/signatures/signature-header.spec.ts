import { readSignatureHeader } from './signature-header.ts';

const good = 'Signature keyId="k",algorithm="hmac-sha512",signature="c2ln"';

it('reads the three parameters of the document; then the date alone is signed', () => {
  const expected = { keyId: 'k', algorithm: 'hmac-sha512', headers: ['date'], signature: 'c2ln' };
  expect(readSignatureHeader(good)).toEqual(expected);
  expect(readSignatureHeader(good.replaceAll(',', ', '))).toEqual(expected);
  expect(readSignatureHeader(`${good},headers=""`)).toEqual(expected);
  expect(readSignatureHeader(good.replace('Signature', 'signature'))).toEqual(expected);
});

it('reads what was signed, in its order', () => {
  const text = 'Signature headers="(request-target) date",signature="c2ln",keyId="k",algorithm="hmac-sha256"';
  expect(readSignatureHeader(text)?.headers).toEqual(['(request-target)', 'date']);
});

it.each([
  ['another scheme', good.replace('Signature', 'Bearer')],
  ['no parameters', 'Signature '],
  ['no key', good.replace('keyId="k",', '')],
  ['an empty key', good.replace('keyId="k"', 'keyId=""')],
  ['no algorithm', good.replace('algorithm="hmac-sha512",', '')],
  ['no signature', good.replace(',signature="c2ln"', '')],
  ['a parameter twice', `${good},keyId="k"`],
  ['headers twice', `${good},headers="date",headers="host"`],
  ['an unknown parameter', `${good},created="1"`],
  ['a parameter of another case', good.replace('keyId', 'keyid')],
  ['an unquoted value', good.replace('"k"', 'k')],
  ['a value that does not end', good.slice(0, -1)],
  ['an escape', good.replace('"k"', '"k\\"')],
  ['text behind the end', `${good} `],
  ['a comma at the end', `${good},`],
  ['two commas', good.replace(',', ',,')],
  ['two spaces', good.replace(',', ',  ')],
  ['white space before the equals sign', good.replace('keyId=', 'keyId =')],
  ['a name that is signed twice', `${good},headers="date date"`],
  ['a name in capitals', `${good},headers="Date"`],
  ['two spaces between names', `${good},headers="date  host"`],
  ['too many names', `${good},headers="${Array.from({ length: 17 }, (_, n) => `h${n}`).join(' ')}"`],
  ['more than 4 KiB', good.replace('c2ln', 'A'.repeat(4096))],
])('refuses %s', (_what, text) => {
  expect(readSignatureHeader(text)).toBeNull();
});

it('takes its time from the length of what was sent, whatever that is', () => {
  const started = performance.now();
  for (const piece of ['keyId="', ',', '"', '\\"', 'keyId="k",', ' '])
    readSignatureHeader(`Signature ${piece.repeat(4000 / piece.length)}`);
  expect(performance.now() - started).toBeLessThan(50);
});
