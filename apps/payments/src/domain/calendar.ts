/** The UTC calendar date of an instant. */
export function dateOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** The date after an ISO date. */
export function dayAfter(date: string): string {
  const next = new Date(`${date}T00:00:00.000Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return dateOf(next);
}

/**
 * The date that an asking of billing belongs to, for a tenant that may live on a test clock; null on real time.
 *
 * Billing asks for a day's money before it announces the day, so `reached`, the last day we were told of, is still the
 * day before. What is asked for on its due date names its day itself; a retry never comes but with a new day.
 */
export function businessDateOf(
  ask: { readonly dueOn: string; readonly isRetry: boolean },
  reached: string | null,
  today: string,
): string | null {
  if (reached === null) return ask.dueOn > today ? ask.dueOn : null;
  if (ask.isRetry) return dayAfter(reached);
  return ask.dueOn > reached ? ask.dueOn : reached;
}

/** From one ISO date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}
