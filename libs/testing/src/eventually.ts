export interface EventuallyOptions {
  timeoutMs?: number;
  everyMs?: number;
}

/**
 * Calls `attempt` until it neither throws nor answers false, null or undefined, and returns its answer. After the
 * deadline it throws what the last attempt said, so that a failed test shows the state and not just "timed out".
 *
 * To prove that something does not happen, cause a second thing and wait for that one.
 *
 * @example const rows = await eventually(async () => { const r = await find(); expect(r).toHaveLength(1); return r; });
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 20 }: EventuallyOptions = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (let attempts = 1; ; attempts++) {
    let last: unknown;
    try {
      const value = await attempt();
      if (value !== false && value !== null && value !== undefined) return value;
      last = `it answered ${String(value)}`;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const said = last instanceof Error ? last.message : String(last);
      const message = `not within ${timeoutMs} ms (${attempts} attempts); the last one: ${said}`;
      throw new Error(message, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
