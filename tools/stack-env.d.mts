import type { StackPorts } from './stack.mjs';

export interface EnvironmentSource {
  options: { ports: StackPorts };
  secrets: Record<string, unknown>;
  databaseUrl: string;
  natsUrls: Record<string, string>;
}

export function address(port: number): string;
export function databaseUrlFor(adminUrl: string, login: string, password: string): string;
export function serviceEnvironment(name: string, stack: EnvironmentSource): Record<string, string>;
