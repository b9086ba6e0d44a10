import { createHash, timingSafeEqual } from 'node:crypto';

const PREFIX = 'SHA-256=';

/** Whether `Digest: SHA-256=<base64>` (RFC 3230) is that of exactly these bytes. One value, no other algorithm. */
export function isDigestOf(digest: string, body: Uint8Array): boolean {
  if (!digest.startsWith(PREFIX)) return false;
  const given = Buffer.from(digest.slice(PREFIX.length));
  const actual = Buffer.from(createHash('sha256').update(body).digest('base64'));
  return given.length === actual.length && timingSafeEqual(given, actual);
}
