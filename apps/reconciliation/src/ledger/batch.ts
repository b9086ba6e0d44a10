import { emptyTree, headOf, withLeaves } from './merkle.ts';
import type { Tree } from './merkle.ts';

export interface Leaf {
  readonly tenantId: string;
  readonly seq: number;
  readonly hash: Buffer;
}

/** Entries of one tenant that stand side by side, sealed together. */
export interface Batch {
  readonly tenantId: string;
  /** From 1, without a gap. */
  readonly n: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly entries: number;
  /** Of the tree with these entries in it, and its head; `previousHash` is the head without them. */
  readonly tree: Tree;
  readonly hash: Buffer;
  readonly previousHash: Buffer;
  readonly sealedAt: Date;
}

/** The next batch of each tenant that has leaves among these, on top of its latest. */
export function sealed(leaves: readonly Leaf[], latest: readonly Batch[], sealedAt: Date): Batch[] {
  const latestOf = new Map(latest.map((batch) => [batch.tenantId, batch]));
  return [...Map.groupBy(leaves, ({ tenantId }) => tenantId)].map(([tenantId, own]) => {
    const before = latestOf.get(tenantId);
    const tree = withLeaves(
      before?.tree ?? emptyTree,
      own.map(({ hash }) => hash),
    );
    return {
      tenantId,
      n: (before?.n ?? 0) + 1,
      firstSeq: own[0]!.seq,
      lastSeq: own.at(-1)!.seq,
      entries: own.length,
      tree,
      hash: headOf(tree),
      previousHash: before?.hash ?? headOf(emptyTree),
      sealedAt,
    };
  });
}
