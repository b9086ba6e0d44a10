import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { ADDRESS_LIFE_MS, FileAddresses } from './file-addresses.ts';
import type { FileGrant } from './file-addresses.ts';
import { FileRepository } from './file.repository.ts';
import type { StoredFile } from './stored-file.ts';

type Key = Pick<StoredFile, 'tenantId' | 'id'>;

/** Who may have the bytes of a file. Each time is written down before a byte is given. */
@Injectable()
export class FilesService {
  constructor(
    private readonly files: FileRepository,
    private readonly addresses: FileAddresses,
    private readonly clock: Clock,
  ) {}

  find(tx: Tx, key: Key): Promise<StoredFile | null> {
    return this.files.find(tx, key);
  }

  async open(tx: Tx, key: Key, reader: string): Promise<StoredFile | null> {
    const file = await this.files.find(tx, key);
    if (file) await this.write(tx, file, { kind: 'read', reader });
    return file;
  }

  async address(tx: Tx, key: Key, reader: string): Promise<{ url: string; expiresAt: Date } | null> {
    const file = await this.files.find(tx, key);
    if (!file) return null;
    const grantId = await this.write(tx, file, { kind: 'address_given', reader });
    const expiresAt = new Date(this.clock.now().getTime() + ADDRESS_LIFE_MS);
    return { url: this.addresses.urlOf({ tenantId: key.tenantId, fileId: key.id, grantId, expiresAt }), expiresAt };
  }

  /** What an address allows, before any database is asked; null for one that is not ours or is over. */
  grantOf(token: string): FileGrant | null {
    return this.addresses.read(token, this.clock.now());
  }

  async openGranted(tx: Tx, { tenantId, fileId, grantId }: FileGrant): Promise<StoredFile | null> {
    const given = await this.files.findRead(tx, { tenantId, id: grantId });
    const file = await this.files.find(tx, { tenantId, id: fileId });
    if (!file || given?.fileId !== fileId) return null;
    await this.write(tx, file, { kind: 'address_used', reader: given.reader });
    return file;
  }

  private async write(tx: Tx, { tenantId, id: fileId }: Key, read: { kind: ReadKind; reader: string }) {
    const id = newId();
    await this.files.addRead(tx, { tenantId, id, fileId, ...read, at: this.clock.now() });
    return id;
  }
}

type ReadKind = 'read' | 'address_given' | 'address_used';
