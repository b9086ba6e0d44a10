import { agreedType, fileName, mediaTypes } from './media.ts';

describe('the name of a file', () => {
  it.each([
    ['cheque.pdf', 'cheque.pdf'],
    ['C:\\scans\\cheque.pdf', 'cheque.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['.hidden', 'hidden'],
    ['a"b<c>\r\nd\u202e.pdf', 'abcd.pdf'],
    ['Beleg Müller – 1.pdf', 'Beleg Müller – 1.pdf'],
    ['', 'file.pdf'],
    ['..', 'file.pdf'],
    [undefined, 'file.pdf'],
  ])('%j is kept as %j', (given, kept) => {
    expect(fileName(given, 'application/pdf')).toBe(kept);
  });

  it('is at most 128 characters', () => {
    expect(fileName('x'.repeat(500), 'text/csv')).toHaveLength(128);
  });
});

describe('the type of a file', () => {
  it.each(mediaTypes)('%s is taken when the bytes say the same', (type) => {
    expect(agreedType(type, type)).toBe(type);
  });

  it('a list is a text', () => {
    expect(agreedType('text/csv', 'text/plain')).toBe('text/csv');
  });

  it.each([
    ['application/pdf', 'image/png', 'media_type_mismatch'],
    ['application/pdf', null, 'media_type_mismatch'],
    ['text/plain', 'application/pdf', 'media_type_mismatch'],
    ['text/plain', null, 'media_type_mismatch'],
    ['image/png', 'text/plain', 'media_type_mismatch'],
    ['text/html', 'text/plain', 'media_type_not_accepted'],
    ['application/zip', 'application/zip', 'media_type_not_accepted'],
    ['', 'application/pdf', 'media_type_not_accepted'],
  ])('%j over bytes of %j is %s', (claimed, found, code) => {
    expect(() => agreedType(claimed, found)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
