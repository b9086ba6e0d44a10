/** One step of leaving, and the time it may take. */
export interface Phase {
  name: string;
  budgetMs: number;
  run: () => Promise<unknown>;
}

/**
 * The hard exit comes after the budget, so the phases must fit in: else the last ones never run, and those are what
 * gives connections back. Called at boot, where a mistake costs nothing.
 */
export function assertShutdownFits(phases: Readonly<Record<string, number>>, budgetMs: number): void {
  const needed = Object.values(phases).reduce((sum, ms) => sum + ms, 0);
  if (needed < budgetMs) return;
  const parts = Object.entries(phases).map(([name, ms]) => `${name} ${ms}`);
  throw new Error(`SHUTDOWN_BUDGET_MS is ${budgetMs}, but the phases need ${needed} ms (${parts.join(' + ')})`);
}

/** Runs the phases in order. One that fails or is late is reported and left behind: the next ones run all the same. */
export async function shutdown(
  phases: readonly Phase[],
  onTrouble: (phase: string, error: unknown) => void,
): Promise<void> {
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
