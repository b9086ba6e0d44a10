// The tree of RFC 6962, section 2.1: its head does not depend on how the leaves came, all at once or batch by batch.
import { createHash } from 'node:crypto';

/** A tree without its leaves: what is needed to add more, and to tell its head. */
export interface Tree {
  readonly size: number;
  /** Heads of the whole subtrees from left to right, one for each bit of the size that is set. */
  readonly frontier: readonly Buffer[];
}

export const HASH_BYTES = 32;
const NODE = Buffer.from([1]);
const sha256 = (...parts: readonly Buffer[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

export const emptyTree: Tree = { size: 0, frontier: [] };

/** @param leaves hashes of the leaves, which begin with a byte 0 before they are hashed */
export function withLeaves(tree: Tree, leaves: readonly Buffer[]): Tree {
  const frontier = [...tree.frontier];
  let { size } = tree;
  for (const leaf of leaves) {
    frontier.push(leaf);
    size += 1;
    // Two subtrees of one height are one of the next; beyond 2^31 the operators for bits would not do.
    for (let rest = size; rest % 2 === 0; rest /= 2) {
      const right = frontier.pop()!;
      frontier.push(sha256(NODE, frontier.pop()!, right));
    }
  }
  return { size, frontier };
}

export function headOf({ frontier }: Tree): Buffer {
  if (frontier.length === 0) return sha256();
  return frontier.reduceRight((right, left) => sha256(NODE, left, right));
}

export const packed = ({ frontier }: Tree): Buffer => Buffer.concat(frontier);

export function unpacked(size: number, frontier: Buffer): Tree {
  const places = Array.from({ length: frontier.length / HASH_BYTES }, (_, place) => place * HASH_BYTES);
  return { size, frontier: places.map((at) => frontier.subarray(at, at + HASH_BYTES)) };
}
