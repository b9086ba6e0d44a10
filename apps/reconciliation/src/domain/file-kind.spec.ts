import fc from 'fast-check';
import { foreignKind } from './file-kind.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('a file that is none of ours', () => {
  it.each([
    ['gzip', bytes('\x1f\x8b\x08'), 'a gzip archive'],
    ['zip', bytes('PK\x03\x04rest'), 'a zip archive'],
    ['an empty zip', bytes('PK\x05\x06'), 'a zip archive'],
    ['bzip2', bytes('BZh91AY'), 'a bzip2 archive'],
    ['ELF', bytes('\x7fELF\x02'), 'a program'],
    ['PE', bytes('MZ\x90'), 'a program'],
    ['a script', bytes('#!/bin/sh'), 'a script'],
    ['PDF', bytes('%PDF-1.7'), 'a PDF'],
    ['a page', bytes(' <!DOCTYPE html><html>'), 'a web page'],
    ['a page behind a mark', bytes('\xef\xbb\xbf<html>'), 'a web page'],
    ['a null', bytes('ISA*00*\x00'), 'binary'],
    ['UTF-16', Buffer.from('<?xml', 'utf16le'), 'binary'],
    ['blanks', bytes(' \r\n\t '), 'blank'],
    ['nothing', bytes(''), 'blank'],
  ])('%s', (_, head, kind) => {
    expect(foreignKind(head)).toBe(kind);
  });

  it.each([
    'ISA*00*',
    '101 091000019',
    '<?xml version="1.0"?><Document>',
    ':20:X',
    '01,BANK,',
    'OFXHEADER:100',
    'id,net',
  ])('is not one that begins with %s', (text) => {
    expect(foreignKind(bytes(text))).toBeNull();
  });

  it('is told whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (head) => {
        const kind = foreignKind(head);
        expect(kind === null || kind.length > 0).toBe(true);
        if (head.includes(0)) expect(kind).not.toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});
