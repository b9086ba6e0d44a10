export interface DevelopmentSecrets<T> {
  nats: Record<string, string>;
  roles: Record<string, string>;
  signingKey: Record<string, string>;
  credentialPepper: string;
  sandboxSecret: string;
  secretsKey: string;
  apiSecretsKey: string;
  reconciliationSecretsKey: string;
  tenants: T[];
}

export function developmentSecret(): string;
export function passwordsFor(names: readonly string[], known?: Record<string, string>): Record<string, string>;
export function keptSecrets<T>(
  file: string,
  parts: { natsUsers: readonly string[]; makeTenants: () => T[] | Promise<T[]> },
): Promise<DevelopmentSecrets<T>>;
