/** `BENCH_WEBHOOKS_SECONDS=30,120`: warm-up and steady, as in the design; short by default. */
const [warm, steady] = (process.env['BENCH_WEBHOOKS_SECONDS'] ?? '10,30').split(',').map(Number) as [number, number];

export const warmSeconds = warm;
export const steadySeconds = steady;

/** The design's ten minutes of an endpoint that is down, and everything else that lasts, in proportion. */
export const lasting = (seconds: number): number => Math.max(1, Math.round((seconds * steady) / 120));
