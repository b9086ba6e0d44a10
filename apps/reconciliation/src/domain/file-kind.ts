/** What a file begins with that is none of ours, and what to call it. */
const signatures: readonly (readonly [kind: string, bytes: readonly number[]])[] = [
  ['a gzip archive', [0x1f, 0x8b]],
  ['a zip archive', [0x50, 0x4b, 0x03, 0x04]],
  ['a zip archive', [0x50, 0x4b, 0x05, 0x06]],
  ['a zip archive', [0x50, 0x4b, 0x07, 0x08]],
  ['a bzip2 archive', [0x42, 0x5a, 0x68]],
  ['an xz archive', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['a zstd archive', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['a rar archive', [0x52, 0x61, 0x72, 0x21]],
  ['a program', [0x7f, 0x45, 0x4c, 0x46]],
  ['a program', [0x4d, 0x5a]],
  ['a script', [0x23, 0x21]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
];
const PAGE = /^\s*(?:<!doctype\s+html|<html|<head|<body|<script)/i;

/**
 * Why nobody need ask what format it is, from the first bytes of a file; null when it may be one of ours. Archives are
 * refused, not opened: what is packed small may be endless inside.
 */
export function foreignKind(head: Uint8Array): string | null {
  const found = signatures.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte));
  if (found) return found[0];
  // No format of ours has one; a text in UTF-16 is full of them.
  if (head.includes(0)) return 'binary';
  if (PAGE.test(textOf(head))) return 'a web page';
  return textOf(head).trim() === '' ? 'blank' : null;
}

function textOf(head: Uint8Array): string {
  let text = '';
  for (const byte of head.subarray(0, 512)) text += String.fromCharCode(byte);
  return text.replace(/^\u00ef\u00bb\u00bf/, '');
}
