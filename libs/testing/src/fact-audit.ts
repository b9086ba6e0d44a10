/** One change of one aggregate, known by the fact it made; `version` counts the aggregate's changes from 1. */
export interface Change {
  fact: string;
  aggregate: string;
  version: number;
}

/** The same changes as each place holds them, in the order of that place. */
export interface Places {
  facts: readonly Change[];
  /** The event log. */
  logged: readonly Change[];
  /** The stream: a message may be there twice, that is the inbox's to see. */
  stored: readonly Change[];
  effects: readonly Change[];
}

export interface Findings {
  /** Committed, and missing somewhere on the way to its effect. */
  lost: string[];
  /** Said or done of something that was never committed. */
  ghosts: string[];
  /** Done twice. */
  doubled: string[];
  /** Came after a later change of its aggregate, seen for the first time. */
  disorder: string[];
}

export const clean: Findings = { lost: [], ghosts: [], doubled: [], disorder: [] };

/** What may not differ between what was committed, what was said and what was done. Each finding names its place. */
export function auditFacts({ facts, ...places }: Places): Findings {
  const committed = new Set(facts.map(({ fact }) => fact));
  const each = (check: (held: readonly Change[], place: string) => string[]): string[] =>
    Object.entries(places).flatMap(([place, held]) => check(held, place));
  return {
    lost: each((held, place) => {
      const there = new Set(held.map(({ fact }) => fact));
      return facts.filter(({ fact }) => !there.has(fact)).map((change) => `${place} ${named(change)}`);
    }),
    ghosts: each((held, place) =>
      held.filter(({ fact }) => !committed.has(fact)).map((change) => `${place} ${named(change)}`),
    ),
    doubled: repeated(places.effects).map(named),
    disorder: [...outOfTurn(places.stored, 'stored'), ...outOfTurn(places.effects, 'effects')],
  };
}

const named = ({ aggregate, version }: Change) => `${aggregate}#${version}`;

function repeated(held: readonly Change[]): Change[] {
  const seen = new Set<string>();
  return held.filter(({ fact }) => seen.has(fact) || !seen.add(fact));
}

function outOfTurn(held: readonly Change[], place: string): string[] {
  const seen = new Set<string>();
  const highest = new Map<string, number>();
  return held.flatMap((change) => {
    if (seen.has(change.fact)) return [];
    seen.add(change.fact);
    const last = highest.get(change.aggregate) ?? 0;
    highest.set(change.aggregate, Math.max(last, change.version));
    return change.version < last ? [`${place} ${named(change)} after #${last}`] : [];
  });
}
