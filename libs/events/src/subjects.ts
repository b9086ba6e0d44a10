/** NATS subjects and wildcards: `*` is one token, `>` one or more at the end. */

/** True when some subject matches both patterns; a plain subject is a pattern without wildcards. */
export function patternsOverlap(a: string, b: string): boolean {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [l, r] = [left[i], right[i]];
    if (l === undefined || r === undefined) return false;
    if (l === '>' || r === '>') return true;
    if (l !== '*' && r !== '*' && l !== r) return false;
  }
  return true;
}

/** Pairs of patterns that overlap; a stream set with one is refused by the server. */
export function overlaps(patterns: readonly string[]): [string, string][] {
  return patterns.flatMap((a, i) =>
    patterns
      .slice(i + 1)
      .filter((b) => patternsOverlap(a, b))
      .map((b): [string, string] => [a, b]),
  );
}
