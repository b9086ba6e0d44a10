import type { Processes, RunningProcess } from './processes.mjs';

export interface StackPorts {
  postgres: number;
  nats: number;
  sandbox: number;
  http: Record<string, number>;
  health: Record<string, number>;
}

export function portsFrom(env: NodeJS.ProcessEnv): StackPorts;

export function portsNotTaken(
  env: NodeJS.ProcessEnv,
  given: { databaseUrl?: string | undefined; natsUrl?: string | undefined },
  log: (line: string) => void,
): Promise<StackPorts>;

export interface StackOptions {
  dataDir: string;
  ports: StackPorts;
  databaseUrl?: string;
  natsUrl?: string;
  only?: string[];
  built?: boolean;
  fast?: boolean;
  keepAlive?: boolean;
  env?: Record<string, Record<string, string>>;
  log?: (line: string) => void;
  onDeath?: (process: RunningProcess, how: string) => void;
}

export interface StackInfo {
  gatewayUrl: string;
  natsUrl: string;
  policyNatsUrl: string;
  databaseUrl: string;
  services: Record<string, string>;
  health: Record<string, string>;
  tenants: StackTenant[];
}

export interface StackTenant {
  id: string;
  name: string;
  currency: string;
  clientId: string;
  clientSecret: string;
  partnerId: string;
  apiKey: string;
  apiSecret: string;
}

export class Stack {
  constructor(options: StackOptions);
  readonly processes: Processes;
  readonly natsUrls: Record<string, string>;
  readonly info: StackInfo;
  start(): Promise<this>;
  replica(name: string, place: { as: string; port: number; health: number }): Promise<RunningProcess>;
  stop(): Promise<void>;
}
