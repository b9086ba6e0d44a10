import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

export type CredentialKind = 'auth' | 'headers';

export interface SealedCredential {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly kind: CredentialKind;
  readonly revision: string;
  readonly ciphertext: Buffer;
  readonly keyVersion: number;
}

const SAVE = `
  INSERT INTO endpoint_credentials (tenant_id, endpoint_id, kind, revision, ciphertext, key_version, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (tenant_id, endpoint_id, kind) DO UPDATE
    SET revision = excluded.revision, ciphertext = excluded.ciphertext, key_version = excluded.key_version,
        updated_at = excluded.updated_at`;
const REMOVE = `DELETE FROM endpoint_credentials WHERE tenant_id = $1 AND endpoint_id = $2 AND kind = $3`;

/** What of an endpoint's settings must not be read. The directory of endpoints reads it back. */
@Injectable()
export class CredentialRepository {
  async save(tx: Tx, credential: SealedCredential, now: Date): Promise<void> {
    const { tenantId, endpointId, kind, revision, ciphertext, keyVersion } = credential;
    await tx.execute(SAVE, [tenantId, endpointId, kind, revision, ciphertext, keyVersion, now]);
  }

  async remove(tx: Tx, tenantId: string, endpointId: string, kind: CredentialKind): Promise<void> {
    await tx.execute(REMOVE, [tenantId, endpointId, kind]);
  }
}
