import type { RunningProcess } from './processes.mjs';

export interface NatsOptions {
  dir: string;
  port: number;
  config: string;
  passwords: Record<string, string>;
  logFile?: string;
  binary?: string;
  monitorPort?: number;
}

export function natsBinary(): string;
export function startNats(
  options: NatsOptions,
): Promise<{ urls: Record<string, string>; process: RunningProcess; dir: string }>;
export function passwordVariable(user: string): string;
