export const root: string;
export const sourceArgs: string[];
export function delay(ms: number): Promise<void>;

export interface Launch {
  name: string;
  command: string;
  args?: string[];
  env?: Record<string, string | undefined>;
  cwd?: string;
  uid?: number;
  gid?: number;
  logFile: string;
  stopSignal?: NodeJS.Signals;
}

export interface RunningProcess {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number | undefined;
  readonly exited: Promise<string>;
  running(): boolean;
  tail(lines?: number): string;
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<string>;
}

export function launch(spec: Launch): RunningProcess;
export function untilReady(
  process: RunningProcess,
  ready: () => Promise<boolean> | boolean,
  timeoutMs: number,
): Promise<void>;

export interface ProcessSpec extends Launch {
  ready?: () => Promise<boolean> | boolean;
  timeoutMs?: number;
}

export class Processes {
  constructor(options?: { keepAlive?: boolean; onDeath?: (process: RunningProcess, how: string) => void });
  start(spec: ProcessSpec): Promise<RunningProcess>;
  get(name: string): RunningProcess;
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  stop(name: string, signal?: NodeJS.Signals): Promise<string>;
  adopt<T extends { process: RunningProcess }>(name: string, starter: () => Promise<T>): Promise<T>;
  restart(name: string): Promise<void>;
  stopAll(...groups: string[][]): Promise<void>;
}
