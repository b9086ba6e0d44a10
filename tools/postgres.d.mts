import type { RunningProcess } from './processes.mjs';

export interface PostgresOptions {
  dir: string;
  port: number;
  logFile?: string;
  database?: string;
  fast?: boolean;
  /** More settings, as `name=value`. */
  set?: string[];
}

export function startPostgres(options: PostgresOptions): Promise<{ url: string; process: RunningProcess; dir: string }>;
