import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { BatchRepository } from './batch.repository.ts';
import type { Batch } from './batch.ts';
import { emptyTree, headOf, withLeaves } from './merkle.ts';
import type { Tree } from './merkle.ts';

/** The first batch of a tenant whose rows are not what was sealed. */
export interface BrokenBatch {
  readonly tenantId: string;
  readonly n: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly reason: string;
}

export interface VerifiedChain {
  readonly tenantId: string;
  readonly batches: number;
  readonly entries: number;
  /** Head of the tree as the rows make it. */
  readonly hash: string;
  readonly broken: BrokenBatch | null;
}

const BATCHES = 20;

/**
 * Puts each tenant's tree together again from the rows of the journal. It believes nothing that stands in a batch: not
 * the entries' number, not the head, not what is between two batches, where there must be nothing.
 */
@Injectable()
export class ChainVerifier {
  constructor(
    private readonly db: Database,
    private readonly batches: BatchRepository,
  ) {}

  /** @param since only what was sealed from then on, on top of what stood before; null is all */
  async verify(since: Date | null = null): Promise<VerifiedChain[]> {
    const tenantIds = await this.db.tx((tx) => this.batches.tenants(tx, since));
    const chains: VerifiedChain[] = [];
    for (const tenantId of tenantIds) chains.push(await this.verifyTenant(tenantId, since));
    return chains;
  }

  /** A few batches a transaction: the whole of a ledger takes longer than a statement may. */
  private async verifyTenant(tenantId: string, since: Date | null): Promise<VerifiedChain> {
    const firstN = await this.db.tx((tx) => this.batches.firstSince(tx, tenantId, since));
    let { tree, lastSeq, n } = await this.start(tenantId, firstN);
    let broken: BrokenBatch | null = null;
    for (let isLast = false; !isLast && !broken;) {
      const page = { tenantId, fromSeq: 0, toSeq: Number.MAX_SAFE_INTEGER, afterN: n, limit: BATCHES };
      await this.db.tx(async (tx) => {
        const found = await this.batches.page(tx, page);
        isLast = found.length < BATCHES;
        for (const batch of found) {
          const leaves = await this.batches.leaves(tx, lastSeq, batch.lastSeq, tenantId);
          const before = headOf(tree);
          tree = withLeaves(
            tree,
            leaves.map(({ hash }) => hash),
          );
          const reason = faultOf(batch, { n: n + 1, leaves: leaves.length, before, tree });
          if (reason) {
            broken = { tenantId, n: batch.n, firstSeq: batch.firstSeq, lastSeq: batch.lastSeq, reason };
            return;
          }
          ({ n, lastSeq } = batch);
        }
      });
    }
    return { tenantId, batches: n, entries: tree.size, hash: headOf(tree).toString('hex'), broken };
  }

  private async start(tenantId: string, firstN: number): Promise<{ tree: Tree; lastSeq: number; n: number }> {
    if (firstN <= 1) return { tree: emptyTree, lastSeq: 0, n: 0 };
    const page = { tenantId, fromSeq: 0, toSeq: Number.MAX_SAFE_INTEGER, afterN: firstN - 2, limit: 1 };
    const [before] = await this.db.tx((tx) => this.batches.page(tx, page));
    return before?.n === firstN - 1 ? before : { tree: emptyTree, lastSeq: 0, n: 0 };
  }
}

interface Recomputed {
  readonly n: number;
  readonly leaves: number;
  readonly before: Buffer;
  readonly tree: Tree;
}

function faultOf(batch: Batch, { n, leaves, before, tree }: Recomputed): string | undefined {
  if (batch.n !== n) return `batch ${n} is missing`;
  if (batch.entries !== leaves) return `${batch.entries} entries were sealed, there are ${leaves}`;
  if (batch.tree.size !== tree.size) return `${batch.tree.size} entries up to here were sealed, there are ${tree.size}`;
  if (!batch.previousHash.equals(before)) return 'it does not follow the batch before';
  if (!batch.hash.equals(headOf(tree))) return 'an entry is not as it was sealed';
  return undefined;
}
