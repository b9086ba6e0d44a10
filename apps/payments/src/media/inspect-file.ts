import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { fileTypeFromBuffer } from 'file-type';
import { holdsCardNumber, maskCardNumbers } from '@quittance/service-kit/card-data/card-number';
import { agreedType, isText } from '../domain/media.ts';
import type { Media } from '../domain/media.ts';

/** A file as it will be kept. */
export type InspectedFile = Pick<Media, 'contentType' | 'sha256' | 'masked' | 'suspected'> & { bytes: Buffer };

/** What no text has, but for line ends and tabs. */
const CONTROLS = /(?![\t\n\f\r])\p{Cc}/u;
const PIECE_LENGTH = 64 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Holds a file's content type against its bytes, and keeps card numbers out of it: in a text they are masked, which
 * makes of equal files equal ones; in anything else it is only told whether some can be read.
 * @throws DomainError when the type is none that we take, or another than the bytes have
 */
export async function inspectFile(sent: Buffer, claimed: string): Promise<InspectedFile> {
  const text = textOf(sent);
  const found = (await fileTypeFromBuffer(sent))?.mime ?? (text === null ? null : 'text/plain');
  const contentType = agreedType(claimed, found);
  const masked = text !== null && isText(contentType) ? await maskLines(text) : text;
  const bytes = masked !== null && masked !== text ? Buffer.from(masked) : sent;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const suspected = !isText(contentType) && (await holdsOne(readable(bytes)));
  return { contentType, sha256, masked: bytes !== sent, suspected, bytes };
}

async function maskLines(text: string): Promise<string> {
  let masked = '';
  for await (const piece of inPieces(text)) masked += maskCardNumbers(piece);
  return masked;
}

async function holdsOne(text: string): Promise<boolean> {
  for await (const piece of inPieces(text)) if (holdsCardNumber(piece)) return true;
  return false;
}

/** Whole lines, which no number leaves, with other work in between: ten megabytes at once would hold up everybody. */
async function* inPieces(text: string): AsyncGenerator<string> {
  let from = 0;
  while (from < text.length) {
    const lineEnd = text.indexOf('\n', from + PIECE_LENGTH);
    const to = lineEnd < 0 ? text.length : lineEnd + 1;
    yield text.slice(from, to);
    await setImmediate();
    from = to;
  }
}

function textOf(bytes: Buffer): string | null {
  try {
    const text = utf8.decode(bytes);
    return CONTROLS.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** What a person sees who opens a binary file as a text. */
function readable(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^\x20-\x7e]+/g, '\n');
}
