import type { Fault } from '../x12/remittance.ts';
import type { RemittancePart } from '../x12/remittance-reader.ts';

/** What is only known when a set has been read to its end. */
export interface Verdict {
  readonly length: number;
  /** It adds up, and nothing that is wrong is of the whole. */
  readonly isBalanced: boolean;
  readonly blockedClaims: ReadonlySet<number>;
}

export function verdictsOf(parts: Iterable<RemittancePart>): Verdict[] {
  const verdicts: Verdict[] = [];
  let blocking: Fault[] = [];
  for (const part of parts) {
    if (part.kind === 'head') blocking = [];
    else blocking.push(...(part.kind === 'end' ? part.end : part).faults.filter((fault) => fault.blocking));
    if (part.kind !== 'end') continue;
    const { length, balanced } = part.end;
    const isBalanced = balanced && blocking.every(({ claim }) => claim !== undefined);
    verdicts.push({ length, isBalanced, blockedClaims: new Set(blocking.flatMap(({ claim }) => claim ?? [])) });
  }
  return verdicts;
}
