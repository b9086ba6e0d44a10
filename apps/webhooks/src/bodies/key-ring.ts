import { keyVersionOf } from '@quittance/service-kit/secrets/secret-box';
import type { SecretBox, SecretPlace } from '@quittance/service-kit/secrets/secret-box';

/** A key of a tenant; without a box it was destroyed. */
export interface RingKey {
  readonly id: number;
  readonly createdAt: Date;
  readonly box: SecretBox | null;
}

/** What every sealed body begins with, and no JSON: rows written before bodies were sealed are told by it. */
const sealedMark = 1;

export const isSealed = (stored: Buffer): boolean => stored[0] === sealedMark;

/** One tenant's keys: the newest seals, and every one that was not destroyed opens. */
export class KeyRing {
  private readonly keys: ReadonlyMap<number, RingKey>;
  readonly newest: RingKey | undefined;

  constructor(keys: readonly RingKey[]) {
    this.keys = new Map(keys.map((key) => [key.id, key]));
    this.newest = keys.reduce<RingKey | undefined>((last, key) => (last && last.id > key.id ? last : key), undefined);
  }

  /** Whether it can say anything of this body: a key that another process made lately may be missing. */
  knows(stored: Buffer): boolean {
    return !isSealed(stored) || this.keys.has(keyVersionOf(stored));
  }

  isDestroyed(keyId: number): boolean {
    return this.keys.get(keyId)?.box === null;
  }

  seal(plain: Uint8Array, place: SecretPlace): Buffer {
    const box = this.newest?.box;
    if (!box) throw new Error('the tenant has no key to seal with');
    return box.sealBytes(plain, place);
  }

  /** null: its key is gone, and the body with it. */
  open(stored: Buffer, place: SecretPlace): Buffer | null {
    if (!isSealed(stored)) return stored;
    return this.keys.get(keyVersionOf(stored))?.box?.openBytes(stored, place) ?? null;
  }
}
