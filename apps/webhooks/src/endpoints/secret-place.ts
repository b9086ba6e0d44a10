import type { SecretPlace } from '@quittance/service-kit/secrets/secret-box';

export function endpointSecretPlace(tenantId: string, rowId: string): SecretPlace {
  return { tenantId, table: 'endpoint_secrets', column: 'ciphertext', rowId };
}

export function consumerSecretPlace(tenantId: string, rowId: string): SecretPlace {
  return { tenantId, table: 'pull_consumers', column: 'ciphertext', rowId };
}
