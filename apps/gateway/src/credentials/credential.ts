import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CLIENT_ID = /^ci_[a-z]{2,12}_[0-9A-Za-z]{22}$/;
const CLIENT_SECRET = /^(cs_[a-z]{2,12}_[0-9A-Za-z_-]{43})([0-9A-Za-z]{6})$/;
const API_KEY = /^ak_[a-z]{2,12}_[0-9A-Za-z]{22}$/;
const API_SECRET = /^(as_[a-z]{2,12}_[0-9A-Za-z_-]{43})([0-9A-Za-z]{6})$/;
const PARTNER_ID = /^[0-9A-Za-z_-]{1,64}$/;

/** `ci_<env>_<22 base62>`: 131 random bits, so that asking whether an id exists teaches nobody anything. */
export function newClientId(environment: string): string {
  return `ci_${environment}_${randomBase62(22)}`;
}

/**
 * `cs_<env>_<43 base64url><6 checksum>`: 256 random bits. The fixed prefix lets leak scanners find one, the checksum
 * lets the gateway refuse a typo or a guess without a look at the database.
 */
export function newClientSecret(environment: string): string {
  return newSecret('cs', environment);
}

/** The public half of what a partner signs with: as a client id, with a prefix of its own. */
export function newApiKey(environment: string): string {
  return `ak_${environment}_${randomBase62(22)}`;
}

/** What a partner signs with: as a client secret, but it never travels. */
export function newApiSecret(environment: string): string {
  return newSecret('as', environment);
}

export function isClientId(text: string): boolean {
  return CLIENT_ID.test(text);
}

export function isClientSecret(text: string): boolean {
  return isChecked(CLIENT_SECRET.exec(text));
}

export function isApiKey(text: string): boolean {
  return API_KEY.test(text);
}

export function isApiSecret(text: string): boolean {
  return isChecked(API_SECRET.exec(text));
}

export function isPartnerId(text: string): boolean {
  return PARTNER_ID.test(text);
}

function newSecret(prefix: 'cs' | 'as', environment: string): string {
  const body = `${prefix}_${environment}_${randomBytes(32).toString('base64url')}`;
  return body + checksum(body);
}

function isChecked(match: RegExpExecArray | null): boolean {
  return match !== null && checksum(match[1]!) === match[2];
}

/** The CRC-32 of the text before it, six base62 digits. It finds typing errors; it proves nothing. */
function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = BASE62[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 = 4 × 62: the bytes above it would make the first digits likelier than the others.
      if (byte < 248 && text.length < length) text += BASE62[byte % 62]!;
    }
  }
  return text;
}
