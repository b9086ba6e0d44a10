import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box.ts';
import type { SecretPlace } from './secret-box.ts';

/** A secret under a key of its own, and that key under the deployment's. Two columns of one row. */
export interface SealedSecret {
  readonly wrappedKey: Buffer;
  readonly ciphertext: Buffer;
}

const KEY = /^(?:dev-)?(\d{1,5}):([A-Za-z0-9+/]{43}=)$/;
const VERSION_MAX = 0xffff;

/**
 * Envelope encryption. Keys are written `version:base64`, separated by commas: the first wraps, all unwrap. A key is
 * retired when no row was wrapped under it any more; to rotate one, wrapped keys are wrapped again and secrets stay as
 * they are. A development key has `dev-` in front, so that production can refuse it.
 */
export class Envelope {
  private readonly boxes: ReadonlyMap<number, SecretBox>;
  private readonly current: SecretBox;

  /** @throws Error that names the fault, and no key */
  constructor(keys: string) {
    const boxes = keys.split(',').map(parseKey);
    this.boxes = new Map(boxes.map((box) => [box.keyVersion, box]));
    this.current = boxes[0]!;
    if (this.boxes.size !== boxes.length) throw new Error('two keys have the same version');
  }

  seal(plain: string, place: SecretPlace): SealedSecret {
    const key = randomBytes(32);
    return {
      wrappedKey: this.current.seal(key.toString('base64'), placeOfKey(place)),
      ciphertext: new SecretBox(key).seal(plain, place),
    };
  }

  /** @throws Error where the key is not configured, or the row is not the one that was sealed */
  open({ wrappedKey, ciphertext }: SealedSecret, place: SecretPlace): string {
    const box = wrappedKey.length > 3 ? this.boxes.get(wrappedKey.readUInt16BE(1)) : undefined;
    if (!box) throw new Error('sealed under a key that is not configured');
    const key = Buffer.from(box.open(wrappedKey, placeOfKey(place)), 'base64');
    return new SecretBox(key).open(ciphertext, place);
  }
}

function placeOfKey(place: SecretPlace): SecretPlace {
  return { ...place, column: `${place.column}_key` };
}

function parseKey(text: string): SecretBox {
  const [, version = '', base64 = ''] = KEY.exec(text.trim()) ?? [];
  if (base64 === '' || Number(version) > VERSION_MAX) throw new Error('a key is version:base64 of 32 bytes');
  return new SecretBox(Buffer.from(base64, 'base64'), Number(version));
}
