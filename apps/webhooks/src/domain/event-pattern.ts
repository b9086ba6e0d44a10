/**
 * What an endpoint names: one type, `payment.*` for all that begins so, or `*`. Nothing else is a pattern, so that a
 * slip of the pen is refused as an unknown type and does not silently match nothing.
 */
export function matchesType(pattern: string, type: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
