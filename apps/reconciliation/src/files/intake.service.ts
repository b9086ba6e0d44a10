import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { DomainError } from '../domain/errors.ts';
import { foreignKind } from '../domain/file-kind.ts';
import { FileRepository } from './file.repository.ts';
import type { TakenFile } from './stored-file.ts';
import type { FormatReader } from './format-reader.ts';
import { FORMAT_READERS } from './readers.ts';
import { SealedFiles } from './sealed-files.ts';

const HEAD_BYTES = 4096;

/** A file that one of our readers takes for its own. */
export interface InspectedFile {
  readonly reader: FormatReader;
  readonly bytes: Buffer;
  readonly sha256: Buffer;
  readonly name: string | null;
}

/**
 * The one way in for files of every format. A file and all that its reader finds in it are one transaction: what cannot
 * be read leaves nothing behind, and the same bytes again, at the same moment too, change nothing.
 */
@Injectable()
export class IntakeService {
  constructor(
    @Inject(FORMAT_READERS) private readonly readers: readonly FormatReader[],
    private readonly files: FileRepository,
    private readonly sealed: SealedFiles,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `file_unreadable` for what no reader of this route knows */
  inspect(route: FormatReader['route'], bytes: Buffer, name: string | null): InspectedFile {
    const head = bytes.subarray(0, HEAD_BYTES);
    const foreign = foreignKind(head);
    if (foreign) throw unreadable(`The file is ${foreign}: send the text of a bank, payer or processor as it is.`);
    const reader = this.readers.find((each) => each.detects(head));
    if (!reader) throw unreadable('The file is of no format that is read here.');
    if (reader.route !== route) throw unreadable(`The file is ${reader.format}: it goes to POST /${reader.route}.`);
    return { reader, bytes, name, sha256: createHash('sha256').update(bytes).digest() };
  }

  async take(tx: Tx, tenantId: string, { reader, bytes, sha256, name }: InspectedFile): Promise<TakenFile> {
    const receivedAt = this.clock.now();
    const about = { tenantId, id: newId(), format: reader.format };
    const file = { ...about, name, sha256, bytes: bytes.length, receivedAt };
    if (!(await this.files.claim(tx, file))) return this.taken(tx, tenantId, sha256);
    const answer = await reader.store(tx, { tenantId, id: file.id, bytes, receivedAt });
    await this.sealed.put(tx, file, bytes);
    await this.files.answer(tx, file, answer);
    return { file: { ...file, answer }, duplicate: false };
  }

  private async taken(tx: Tx, tenantId: string, sha256: Buffer): Promise<TakenFile> {
    const file = await this.files.findSame(tx, tenantId, sha256);
    if (!file) throw new Error('a file that was there before is gone');
    return { file, duplicate: true };
  }
}

const unreadable = (detail: string) => new DomainError('file_unreadable', detail);
