/** One scenario's outcome: the product beside the floor that does the same work without it, in the same run. */
export interface Outcome {
  scenario: string;
  what: string;
  unit: string;
  floor?: number;
  product: number;
  /** product / floor for rates. */
  ratio?: number;
  target?: string;
  /** When, and at which commit; the runner adds them. A kept outcome keeps its own. */
  measuredAt?: string;
  commit?: string;
  /** Everything else that was measured. */
  details: Record<string, unknown>;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? Number.NaN;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

export function compared(outcome: Omit<Outcome, 'ratio'> & { floor: number }): Outcome {
  return { ...outcome, ratio: round(outcome.product / outcome.floor, 3) };
}

/** Runs floor and product by turns, so that a busy moment of the machine strikes both; medians are compared. */
export async function byTurns(
  rounds: number,
  floor: () => Promise<number>,
  product: () => Promise<number>,
): Promise<{ floors: number[]; products: number[] }> {
  const floors: number[] = [];
  const products: number[] = [];
  for (let round = 0; round < rounds; round++) {
    floors.push(await floor());
    products.push(await product());
  }
  return { floors, products };
}

/** `count` things in the time since `startedAt` (performance.now()), a second. */
export const perSecond = (count: number, startedAt: number): number => (count * 1000) / (performance.now() - startedAt);
