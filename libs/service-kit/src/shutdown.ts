/** One step of leaving, and the time it may take. */
export interface Phase {
  name: string;
  budgetMs: number;
  run: () => Promise<unknown>;
}

export interface ShutdownOptions {
  phases: readonly Phase[];
  budgetMs: number;
  /** Told when a phase fails or takes longer than its time; the next phase runs all the same. */
  onTrouble: (phase: string, error: unknown) => void;
}

/**
 * The hard exit comes after the budget, so the phases must fit in: else the last ones never run, and those are what
 * gives connections back. Called at boot, where a mistake costs nothing.
 */
export function assertShutdownFits(phases: readonly Pick<Phase, 'name' | 'budgetMs'>[], budgetMs: number): void {
  const needed = phases.reduce((sum, phase) => sum + phase.budgetMs, 0);
  if (needed >= budgetMs) {
    const parts = phases.map((phase) => `${phase.name} ${phase.budgetMs}`).join(' + ');
    throw new Error(`SHUTDOWN_BUDGET_MS is ${budgetMs}, but the phases need ${needed} ms (${parts})`);
  }
}

/** Runs the phases in order. A phase that is late is left behind. */
export async function shutdown({ phases, onTrouble }: ShutdownOptions): Promise<void> {
  for (const { name, budgetMs, run } of phases) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not done within ${budgetMs} ms`)), budgetMs);
    });
    try {
      await Promise.race([run(), late]);
    } catch (error) {
      onTrouble(name, error);
    } finally {
      clearTimeout(timer);
    }
  }
}
