import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomFillSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const version = 1;
const headerLength = 1 + 2 + 12;
const ivLength = 12;
const tagLength = 16;

/** Random bytes for the next IVs, each used once: asking for twelve at a time costs a fifth of a sealing. */
const randomPool = Buffer.alloc(ivLength * 256);
let poolAt = randomPool.length;

function freshIv(): Buffer {
  if (poolAt === randomPool.length) {
    randomFillSync(randomPool);
    poolAt = 0;
  }
  poolAt += ivLength;
  return randomPool.subarray(poolAt - ivLength, poolAt);
}

/** Where a ciphertext belongs. It is authenticated with it: moved to another row or tenant, it no longer opens. */
export interface SecretPlace {
  readonly tenantId: string;
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

/** Secrets that have to be read again: AES-256-GCM. Stored: version (1), key id (2), IV (12), ciphertext, tag (16). */
export class SecretBox {
  private readonly key: KeyObject;

  constructor(
    key: Buffer,
    readonly keyVersion = 1,
  ) {
    if (key.length !== 32) throw new Error('the key must be 32 bytes');
    this.key = createSecretKey(key);
  }

  /** A key for another use, which tells nothing of this one. */
  derive(use: string): Buffer {
    return createHmac('sha256', this.key).update(`derive ${use}`).digest();
  }

  seal(plain: string, place: SecretPlace): Buffer {
    return this.sealBytes(Buffer.from(plain, 'utf8'), place);
  }

  open(sealed: Buffer, place: SecretPlace): string {
    return this.openBytes(sealed, place).toString('utf8');
  }

  sealBytes(plain: Uint8Array, place: SecretPlace): Buffer {
    const header = Buffer.allocUnsafe(headerLength);
    header.writeUInt8(version, 0);
    header.writeUInt16BE(this.keyVersion, 1);
    freshIv().copy(header, 3);
    const cipher = createCipheriv('aes-256-gcm', this.key, header.subarray(3)).setAAD(placeBytes(place));
    return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  openBytes(sealed: Buffer, place: SecretPlace): Buffer {
    if (keyVersionOf(sealed) !== this.keyVersion) throw new Error('sealed under a key that is not configured');
    const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(3, headerLength));
    decipher.setAAD(placeBytes(place)).setAuthTag(sealed.subarray(-tagLength));
    const plain = decipher.update(sealed.subarray(headerLength, -tagLength));
    return Buffer.concat([plain, decipher.final()]);
  }
}

/** Under which key bytes were sealed. @throws Error for what no box has sealed */
export function keyVersionOf(sealed: Buffer): number {
  if (sealed.length < headerLength + tagLength || sealed.readUInt8(0) !== version) {
    throw new Error('not a sealed secret of a known version');
  }
  return sealed.readUInt16BE(1);
}

function placeBytes({ tenantId, table, column, rowId }: SecretPlace): Buffer {
  return Buffer.from([tenantId, table, column, rowId].join('|'));
}
