export interface DevelopmentSecrets extends Record<string, unknown> {
  nats: Record<string, string>;
  roles: Record<string, string>;
}

export function natsTopology(): Promise<{ users: string[]; config: string }>;
export function developmentSecret(): string;
export function developmentSecrets(file: string, natsUsers: readonly string[]): Promise<DevelopmentSecrets>;
