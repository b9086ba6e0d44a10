import type { KeyObject } from 'node:crypto';
import type { SealedSecret } from '@quittance/service-kit/secrets/envelope';
import type { SecretPlace } from '@quittance/service-kit/secrets/secret-box';
import type { Algorithm, Profile } from '../signatures/profile.ts';

/** A partner's key: which partner of which tenant it speaks for, and how it may sign. */
export interface ApiKey {
  readonly tenantId: string;
  readonly apiKey: string;
  readonly partnerId: string;
  readonly currency: string;
  readonly scopes: readonly string[];
  readonly profile: Profile;
  readonly algorithms: readonly Algorithm[];
  readonly disabledAt: Date | null;
  readonly secrets: readonly SigningSecret[];
}

interface Slot {
  readonly slot: number;
  readonly expiresAt: Date | null;
}

export type StoredSecret = Slot & SealedSecret;

/** Opened, as a key that no log or error can print. */
export type SigningSecret = Slot & { readonly key: KeyObject };

export type StoredApiKey = Omit<ApiKey, 'secrets'> & { readonly secrets: readonly StoredSecret[] };

/** Where a sealed secret belongs: in another row, or for another tenant, it does not open. */
export function placeOf(tenantId: string, apiKey: string, slot: number): SecretPlace {
  return { tenantId, table: 'api_key_secrets', column: 'ciphertext', rowId: `${apiKey}/${slot}` };
}
