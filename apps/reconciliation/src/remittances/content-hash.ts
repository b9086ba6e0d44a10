import { createHash } from 'node:crypto';

const LF = 10;
const CR = 13;

/**
 * What a set says, without the numbers of its envelope and however its lines are broken: from BPR to before SE. The
 * same 835 sent again by a clearing house has another control number and the same hash.
 */
export function contentHash(bytes: Buffer, offset: number, length: number): Buffer {
  const set = bytes.subarray(offset, offset + length);
  const from = Math.max(0, set.indexOf('BPR'));
  const end = set.lastIndexOf('SE');
  const body = set.subarray(from, end > from ? end : set.length);
  const hash = createHash('sha256');
  let start = 0;
  for (let at = nextBreak(body, 0); at !== -1; at = nextBreak(body, at + 1)) {
    hash.update(body.subarray(start, at));
    start = at + 1;
  }
  return hash.update(body.subarray(start)).digest();
}

function nextBreak(bytes: Buffer, from: number): number {
  const [lf, cr] = [bytes.indexOf(LF, from), bytes.indexOf(CR, from)];
  if (lf === -1 || cr === -1) return Math.max(lf, cr);
  return Math.min(lf, cr);
}
