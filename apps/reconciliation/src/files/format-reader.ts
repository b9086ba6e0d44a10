import type { Tx } from '@quittance/service-kit/database/tx';
import type { ExceptionType } from '../domain/exception.ts';

/** A file that came in and is new. Its bytes are whole in memory, at most 256 MiB; readers walk over them. */
export interface IncomingFile {
  readonly tenantId: string;
  readonly id: string;
  readonly bytes: Buffer;
  readonly receivedAt: Date;
}

/** What became of a file: kept with it, and answered again for the same bytes. Amounts are decimal strings. */
export interface FileAnswer {
  readonly remittances?: readonly object[];
  readonly statements?: readonly object[];
  readonly lines?: number;
  readonly batches?: readonly object[];
  readonly returns?: readonly object[];
  /** What does not add up and keeps nothing from being stored. */
  readonly warnings?: readonly object[];
  readonly exceptions: readonly { readonly id: string; readonly type: ExceptionType }[];
}

/**
 * One format. Lenient in reading, strict in posting: what does not add up is stored, shown, and held by an exception.
 * What cannot be read at all throws a DomainError `file_unreadable`, and nothing is stored.
 */
export interface FormatReader {
  readonly format: string;
  /** By which route it comes in. */
  readonly route: 'remittances' | 'bank-statements';
  /** Whether the first 4 KiB of a file look like this format. */
  detects(head: Buffer): boolean;
  store(tx: Tx, file: IncomingFile): Promise<FileAnswer>;
}
