import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SecretHash {
  hmac: Buffer;
  pepperKid: string;
}

const PEPPER_LENGTH_MIN = 32;

/**
 * Client secrets at rest: HMAC-SHA-256 under a pepper that the database never sees. A secret has 256 random bits, so
 * there is nothing to guess and a slow hash would only let bad logins starve good ones.
 *
 * Peppers are written `kid:text`, separated by commas; the first makes new hashes, all verify. A pepper is retired
 * when no row names its kid any more.
 */
export class SecretHasher {
  private readonly peppers: ReadonlyMap<string, string>;
  private readonly currentKid: string;

  constructor(peppers: string) {
    const entries = peppers.split(',').map(parsePepper);
    this.peppers = new Map(entries);
    this.currentKid = entries[0]![0];
    if (this.peppers.size !== entries.length) throw new Error('CREDENTIAL_PEPPER names a kid twice');
  }

  hash(secret: string): SecretHash {
    return { hmac: this.hmac(this.currentKid, secret)!, pepperKid: this.currentKid };
  }

  /** False too when the hash was made under a pepper that this process does not have. */
  matches(secret: string, stored: SecretHash): boolean {
    const actual = this.hmac(stored.pepperKid, secret);
    return actual !== null && actual.length === stored.hmac.length && timingSafeEqual(actual, stored.hmac);
  }

  private hmac(kid: string, secret: string): Buffer | null {
    const pepper = this.peppers.get(kid);
    return pepper === undefined ? null : createHmac('sha256', pepper).update(secret).digest();
  }
}

function parsePepper(text: string): [kid: string, pepper: string] {
  const colon = text.indexOf(':');
  const [kid, pepper] = colon < 0 ? ['default', text] : [text.slice(0, colon), text.slice(colon + 1)];
  if (!/^[a-z0-9-]{1,32}$/.test(kid)) throw new Error('CREDENTIAL_PEPPER: a kid is 1 to 32 of a-z, 0-9 and -');
  if (pepper.length < PEPPER_LENGTH_MIN) {
    throw new Error(`CREDENTIAL_PEPPER: the pepper ${kid} is shorter than ${PEPPER_LENGTH_MIN} characters`);
  }
  return [kid, pepper];
}
