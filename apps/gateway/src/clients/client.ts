import type { Caller } from '@quittance/service-kit/http/auth';
import type { SecretHash } from '../credentials/secret-hasher.ts';

export interface StoredSecret extends SecretHash {
  slot: number;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/** A client as stored, with what its tokens say of its tenant. */
export interface Client {
  tenantId: string;
  clientId: string;
  currency: string;
  scopes: readonly string[];
  disabledAt: Date | null;
  secrets: readonly StoredSecret[];
}

/** Who calls, proven. Immutable: what is derived from one (tokens) may be kept for as long as it. */
export interface Principal extends Caller {
  readonly currency: string;
}

export function isUsable(secret: { expiresAt: Date | null }, now: Date): boolean {
  return secret.expiresAt === null || secret.expiresAt > now;
}
