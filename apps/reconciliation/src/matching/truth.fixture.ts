import type { NewItem } from '../domain/item.ts';

/** Two sides of which it is known what belongs together: ids of B are those of A with another letter. */
export interface Truth {
  readonly items: NewItem[];
  /** What a run must confirm: ids of B by ids of A. */
  readonly sure: ReadonlyMap<string, string>;
}

/** Numbers that look random and are always the same. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const day = (n: number) => new Date(Date.UTC(2026, 6, 1 + n)).toISOString().slice(0, 10);

/**
 * Of ten: six have a reference (every fifth of them with a twin of the same amount), one an amount and a day only, one
 * is a batch of three, one is short by a few cents, one has no other side. In their order, or shuffled.
 */
export function truth(tenantId: string, count: number, seed = 7): Truth {
  const next = random(seed);
  const items: NewItem[] = [];
  const sure = new Map<string, string>();
  const set = 'settlement_batch_deposit' as const;
  const add = (side: 'A' | 'B', id: string, amount: bigint, { on, ...rest }: Partial<NewItem> & { on: number }) =>
    items.push({
      ...{ tenantId, set, side, source: { type: 'test', id }, account: side === 'A' ? '*' : 'bank', currency: 'USD' },
      ...{ amount, datedOn: day(on), ...rest },
    });
  for (let n = 0; n < count; n += 1) {
    const amount = BigInt(100 + Math.floor(next() * 5_000_000));
    const on = Math.floor(next() * 60);
    const [a, b] = [`a${n}`, `b${n}`];
    const kind = n % 10;
    if (kind < 6) {
      const reference = `PO-${n}`;
      const twins = n % 5 === 0 ? 2 : 1;
      for (let twin = 0; twin < twins; twin += 1) {
        add('A', `${a}.${twin}`, amount, { on, reference });
        add('B', `${b}.${twin}`, amount, { on: on + 2, reference });
        sure.set(`${a}.${twin}`, `${b}.${twin}`);
      }
    } else if (kind === 6) {
      add('A', a, amount, { on });
      add('B', b, amount, { on: on + 1 });
    } else if (kind === 7) {
      const batchReference = `BATCH-${n}`;
      for (const part of [1, 2, 3]) {
        add('A', `${a}.${part}`, amount + BigInt(part), { on, batchReference });
        sure.set(`${a}.${part}`, b);
      }
      add('B', b, 3n * amount + 6n, { on: on + 2, batchReference });
    } else if (kind === 8) {
      add('A', a, amount, { on });
      add('B', b, amount - 3n, { on: on + 1 });
    } else {
      add(next() < 0.5 ? 'A' : 'B', next() < 0.5 ? a : b, amount, { on });
    }
  }
  return { items, sure };
}

export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const next = random(seed);
  return values
    .map((value) => ({ value, place: next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value);
}
