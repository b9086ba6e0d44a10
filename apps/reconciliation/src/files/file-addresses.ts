import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { isUuid } from '@quittance/service-kit/http/path-id';

/** Long enough to click on, too short to be passed on. */
export const ADDRESS_LIFE_MS = 5 * 60_000;

const ID_BYTES = 16;
const EXPIRY_BYTES = 6;
const SIGNED_BYTES = 3 * ID_BYTES + EXPIRY_BYTES;
const TOKEN = /^[\w-]{115}$/;

/** Whose file may be fetched, under which row of the audit it was allowed, and until when. */
export interface FileGrant {
  readonly tenantId: string;
  readonly fileId: string;
  readonly grantId: string;
  readonly expiresAt: Date;
}

/** Addresses of files: signed, for one file of one tenant, and for five minutes. Nothing of them is stored. */
export class FileAddresses {
  private readonly key: Buffer;

  constructor(
    secret: Buffer,
    private readonly publicUrl: string,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'quittance addresses of files', 32));
  }

  urlOf(grant: FileGrant): string {
    return `${this.publicUrl.replace(/\/$/, '')}/file-downloads/${this.tokenOf(grant)}`;
  }

  tokenOf({ tenantId, fileId, grantId, expiresAt }: FileGrant): string {
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeUIntBE(expiresAt.getTime(), 0, EXPIRY_BYTES);
    const signed = Buffer.concat([...[tenantId, fileId, grantId].map(bytesOf), expiry]);
    return Buffer.concat([signed, this.seal(signed)]).toString('base64url');
  }

  /** What an address allows; null for one that we did not make, or that is over. */
  read(token: string, now: Date): FileGrant | null {
    if (!TOKEN.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const signed = bytes.subarray(0, SIGNED_BYTES);
    if (!timingSafeEqual(this.seal(signed), bytes.subarray(SIGNED_BYTES))) return null;
    const [tenantId, fileId, grantId] = [0, 1, 2].map((n) => uuidAt(signed, n * ID_BYTES)) as [string, string, string];
    const expiresAt = new Date(signed.readUIntBE(3 * ID_BYTES, EXPIRY_BYTES));
    return expiresAt > now ? { tenantId, fileId, grantId, expiresAt } : null;
  }

  private seal(bytes: Buffer): Buffer {
    return createHmac('sha256', this.key).update(bytes).digest();
  }
}

function bytesOf(uuid: string): Buffer {
  if (!isUuid(uuid)) throw new Error('an id is a UUID');
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function uuidAt(bytes: Buffer, from: number): string {
  const hex = bytes.toString('hex', from, from + ID_BYTES);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
