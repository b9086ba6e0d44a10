import { createHmac, timingSafeEqual } from 'node:crypto';
import { isUuid } from '@quittance/service-kit/http/path-id';
import type { LinkKey } from './link-request.ts';

const ID_BYTES = 16;
const TOKEN = /^[\w-]{86}$/;
const KEY = /^([\w-]{1,32}):(\S{16,})$/;

/**
 * The address of a link: tenant, link, and 256 bits that only we can make of them. Nothing of it is stored, so nothing
 * of it can be read from a database; the API can show it again; and a guess costs no statement.
 */
export class LinkAddresses {
  private readonly keys: ReadonlyMap<string, string>;
  /** Under which new addresses are made. */
  readonly keyId: string;

  /** @param keys `id:secret`, separated by commas: the first makes new addresses, the others keep older ones good */
  constructor(
    keys: string,
    private readonly publicUrl: string,
  ) {
    const parsed = keys.split(',').map((text) => KEY.exec(text.trim()));
    if (parsed.some((match) => match === null)) throw new Error('must be id:secret with 16 characters or more each');
    this.keys = new Map(parsed.map((match) => [match![1]!, match![2]!]));
    this.keyId = parsed[0]![1]!;
  }

  urlOf(link: LinkKey & { readonly keyId: string }): string {
    return new URL(`pay/${this.tokenOf(link)}`, `${this.publicUrl.replace(/\/$/, '')}/`).href;
  }

  /** Whose address it is; null for what we did not make. */
  read(token: string): LinkKey | null {
    if (!TOKEN.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const ids = bytes.subarray(0, 2 * ID_BYTES);
    const mac = bytes.subarray(2 * ID_BYTES);
    const isOurs = [...this.keys.values()].some((key) => timingSafeEqual(seal(key, ids), mac));
    return isOurs ? { tenantId: uuidOf(ids.subarray(0, ID_BYTES)), id: uuidOf(ids.subarray(ID_BYTES)) } : null;
  }

  /** What a form carries: how many payments had been tried when it was made, under a seal of its own. */
  markOf({ attempts, ...link }: LinkKey & { readonly keyId: string; readonly attempts: number }): string {
    const sealed = seal(this.keyOf(link), idsOf(link), `form ${attempts}`).toString('base64url');
    return `${attempts}.${sealed}`;
  }

  /** The number in a mark that we made for this link; null for any other text. */
  attemptsIn(link: LinkKey & { readonly keyId: string }, mark: string): number | null {
    const attempts = /^(\d{1,9})\./.exec(mark)?.[1];
    if (attempts === undefined) return null;
    const [ours, theirs] = [this.markOf({ ...link, attempts: Number(attempts) }), mark].map((text) =>
      Buffer.from(text),
    );
    return ours!.length === theirs!.length && timingSafeEqual(ours!, theirs!) ? Number(attempts) : null;
  }

  tokenOf(link: LinkKey & { readonly keyId: string }): string {
    const ids = idsOf(link);
    return Buffer.concat([ids, seal(this.keyOf(link), ids)]).toString('base64url');
  }

  private keyOf({ keyId }: { readonly keyId: string }): string {
    const key = this.keys.get(keyId);
    if (key === undefined) throw new Error(`PAYMENT_LINK_KEYS does not have ${keyId} any more`);
    return key;
  }
}

const idsOf = ({ tenantId, id }: LinkKey) => Buffer.concat([bytesOf(tenantId), bytesOf(id)]);

function seal(key: string, ids: Buffer, purpose = 'payment link'): Buffer {
  return createHmac('sha256', key).update(purpose).update(ids).digest();
}

function bytesOf(uuid: string): Buffer {
  if (!isUuid(uuid)) throw new Error('an id is a UUID');
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
