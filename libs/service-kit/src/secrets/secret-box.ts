import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const version = 1;
const headerLength = 1 + 2 + 12;
const tagLength = 16;

/** Where a ciphertext belongs. It is authenticated with it: moved to another row or tenant, it no longer opens. */
export interface SecretPlace {
  readonly tenantId: string;
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

/** Secrets that have to be read again: AES-256-GCM. Stored: version (1), key id (2), IV (12), ciphertext, tag (16). */
export class SecretBox {
  constructor(
    private readonly key: Buffer,
    readonly keyVersion = 1,
  ) {
    if (key.length !== 32) throw new Error('the key must be 32 bytes');
  }

  seal(plain: string, place: SecretPlace): Buffer {
    const header = Buffer.alloc(3);
    header.writeUInt8(version, 0);
    header.writeUInt16BE(this.keyVersion, 1);
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv).setAAD(placeBytes(place));
    const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([header, iv, ciphertext, cipher.getAuthTag()]);
  }

  open(sealed: Buffer, place: SecretPlace): string {
    if (sealed.length < headerLength + tagLength || sealed.readUInt8(0) !== version) {
      throw new Error('not a sealed secret of a known version');
    }
    if (sealed.readUInt16BE(1) !== this.keyVersion) throw new Error('sealed under a key that is not configured');
    const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(3, headerLength));
    decipher.setAAD(placeBytes(place)).setAuthTag(sealed.subarray(-tagLength));
    const plain = decipher.update(sealed.subarray(headerLength, -tagLength));
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  }
}

function placeBytes({ tenantId, table, column, rowId }: SecretPlace): Buffer {
  return Buffer.from([tenantId, table, column, rowId].join('|'));
}
