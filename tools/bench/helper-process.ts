import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root, sourceArgs } from '../processes.mjs';

interface Question {
  id: number;
  what: string;
  value: unknown;
}

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** A part of the bench in a process of its own, so that it shares no event loop with what is measured. */
export class HelperProcess {
  private asked = 0;
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();

  private constructor(private readonly child: ChildProcess) {
    child.on('message', ({ id, value, error }: Answer) => {
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) waiting?.resolve(value as never);
      else waiting?.reject(new Error(error));
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`a helper ended: ${signal ?? code}`));
    });
  }

  /** `file` of this folder calls `answer`. */
  static start(file: string): HelperProcess {
    const child = fork(path.join(root, 'tools/bench', file), [], {
      execArgv: sourceArgs,
      serialization: 'advanced',
    });
    return new HelperProcess(child);
  }

  ask<T>(what: string, value?: unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const id = (this.asked += 1);
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, what, value } satisfies Question);
    });
  }

  /** Seconds of processor time that it has had. */
  get cpuSeconds(): number {
    return cpuSeconds(this.child.pid);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}

/** In the helper: what it is asked, and how it answers. It ends with its parent. */
export function answer(handlers: Record<string, (value: never) => unknown>): void {
  process.on('message', ({ id, what, value }: Question) => {
    const given = Promise.resolve().then(() => handlers[what]!(value as never));
    given.then(
      (said) => process.send?.({ id, value: said } satisfies Answer),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies Answer),
    );
  });
  process.on('disconnect', () => process.exit(0));
}

const TICKS_A_SECOND = 100;

/** Seconds of processor time that a process has had, user and system. */
export function cpuSeconds(pid: number | undefined): number {
  // The name in parentheses may hold spaces; what follows it may not.
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
