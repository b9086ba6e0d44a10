import type { Provider } from '@nestjs/common';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import { TenantBoxes } from '../sealing/tenant-boxes.ts';
import { TenantKeyRepository } from '../sealing/tenant-key.repository.ts';
import { FileAddresses } from './file-addresses.ts';
import { FileRepository } from './file.repository.ts';
import { FilesService } from './files.service.ts';
import { IntakeService } from './intake.service.ts';
import { SealedFiles } from './sealed-files.ts';
import { UploadGate } from './upload-gate.ts';

/** For the module: how files come in, are kept and are given out. */
export function fileProviders(config: { publicUrl: string; fileBytesAtOnce: number }, key: Buffer): Provider[] {
  return [
    { provide: SecretBox, useFactory: () => new SecretBox(key) },
    { provide: FileAddresses, useFactory: () => new FileAddresses(key, config.publicUrl) },
    { provide: UploadGate, useFactory: () => new UploadGate(config.fileBytesAtOnce) },
    ...[TenantKeyRepository, TenantBoxes, FileRepository, SealedFiles, IntakeService, FilesService],
  ];
}
