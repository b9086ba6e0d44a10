import type { WriteOff, WriteOffWish } from '../domain/write-off.ts';

export type StoredWriteOff = WriteOff & { readonly createdAt: Date };

export interface NewWriteOff {
  readonly invoiceId: string;
  readonly reason: string;
  /** What of it, once its currency is known. */
  readonly wishIn: (currency: string) => WriteOffWish;
}
