import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { EndpointSecret, PublishedKey } from '../domain/secret.ts';

/** A secret as it is stored: opened only where it is shown once or signed with. */
export interface SealedSecret extends EndpointSecret {
  readonly ciphertext: Buffer;
  readonly keyVersion: number;
}

const SECRET = `s.tenant_id AS "tenantId", s.id, s.endpoint_id AS "endpointId", s.kind, s.public_key AS "publicKey",
         s.not_before AS "notBefore", s.expires_at AS "expiresAt"`;

const INSERT = `
  INSERT INTO endpoint_secrets (tenant_id, id, endpoint_id, kind, public_key, ciphertext, key_version, not_before)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
const OF_ENDPOINT = `
  SELECT ${SECRET} FROM endpoint_secrets s
   WHERE s.tenant_id = $1 AND s.endpoint_id = $2 AND (s.expires_at IS NULL OR s.expires_at > $3) ORDER BY s.id DESC`;
const FIND_SEALED = `
  SELECT ${SECRET}, s.ciphertext, s.key_version AS "keyVersion"
    FROM endpoint_secrets s WHERE s.tenant_id = $1 AND s.id = $2`;
const END = `
  UPDATE endpoint_secrets s SET expires_at = e.expires_at
    FROM unnest($2::uuid[], $3::timestamptz[]) AS e (id, expires_at)
   WHERE s.tenant_id = $1 AND s.id = e.id`;
const REMOVE = `DELETE FROM endpoint_secrets WHERE tenant_id = $1 AND id = $2`;
const FORGET = `DELETE FROM endpoint_secrets WHERE tenant_id = $1 AND endpoint_id = $2 AND expires_at < $3`;
const PUBLISHED = `SELECT id, public_key AS "publicKey" FROM published_keys($1)`;

/** The secrets of endpoints. Who changes them also changes the endpoint, so that caches of it are told. */
@Injectable()
export class EndpointSecretRepository {
  async insert(tx: Tx, secret: SealedSecret): Promise<void> {
    await tx.execute(INSERT, [
      ...[secret.tenantId, secret.id, secret.endpointId, secret.kind, secret.publicKey],
      ...[secret.ciphertext, secret.keyVersion, secret.notBefore],
    ]);
  }

  /** Newest first, without those whose end has come. */
  ofEndpoint(tx: Tx, { tenantId, id }: { tenantId: string; id: string }, now: Date): Promise<EndpointSecret[]> {
    return tx.query<EndpointSecret>(OF_ENDPOINT, [tenantId, id, now]);
  }

  async findSealed(tx: Tx, tenantId: string, id: string): Promise<SealedSecret | null> {
    return (await tx.query<SealedSecret>(FIND_SEALED, [tenantId, id]))[0] ?? null;
  }

  async end(tx: Tx, tenantId: string, secrets: readonly EndpointSecret[]): Promise<void> {
    if (secrets.length === 0) return;
    await tx.execute(END, [tenantId, secrets.map(({ id }) => id), secrets.map(({ expiresAt }) => expiresAt)]);
  }

  async remove(tx: Tx, { tenantId, id }: EndpointSecret): Promise<void> {
    await tx.execute(REMOVE, [tenantId, id]);
  }

  /** What ended before this instant is of no use to anybody any more, and a secret that is not there cannot leak. */
  async forget(tx: Tx, { tenantId, id }: { tenantId: string; id: string }, before: Date): Promise<void> {
    await tx.execute(FORGET, [tenantId, id, before]);
  }

  /** Of whatever tenant the endpoint is: public keys, and nothing else of it. */
  published(tx: Tx, endpointId: string): Promise<PublishedKey[]> {
    return tx.query<PublishedKey>(PUBLISHED, [endpointId]);
  }
}
