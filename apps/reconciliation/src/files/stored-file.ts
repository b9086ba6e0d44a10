import type { FileAnswer } from './format-reader.ts';

export interface StoredFile {
  readonly tenantId: string;
  readonly id: string;
  readonly format: string;
  readonly name: string | null;
  readonly sha256: Buffer;
  readonly bytes: number;
  readonly answer: FileAnswer;
  readonly receivedAt: Date;
}
export type NewFile = Omit<StoredFile, 'answer'>;

export interface FileRead {
  readonly tenantId: string;
  readonly id: string;
  readonly fileId: string;
  readonly kind: 'read' | 'address_given' | 'address_used';
  /** Who asked; of an address, who was given it. */
  readonly reader: string;
  readonly at: Date;
}

/** What became of a file that was sent. */
export interface TakenFile {
  readonly file: StoredFile;
  /** The same bytes came before. */
  readonly duplicate: boolean;
}
