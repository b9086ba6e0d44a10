import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { emptyTree, headOf, packed, unpacked, withLeaves } from './merkle.ts';

const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafOf = (data: Buffer) => sha256(Buffer.from([0]), data);

/** As RFC 6962 defines it, word for word. */
function headByDefinition(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.from([1]), headByDefinition(leaves.slice(0, k)), headByDefinition(leaves.slice(k)));
}

const known = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];

it.each([
  [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
])('has the head that logs of certificates have for %i known leaves', (count, head) => {
  const leaves = known.slice(0, count).map((hex) => leafOf(Buffer.from(hex, 'hex')));
  expect(headOf(withLeaves(emptyTree, leaves)).toString('hex')).toBe(head);
});

const aLeaf = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

it('has one head, however its leaves are cut into batches and stored between', () => {
  fc.assert(
    fc.property(fc.array(fc.array(aLeaf, { maxLength: 9 }), { maxLength: 6 }), (batches) => {
      const tree = batches.reduce(
        (before, batch) => withLeaves(unpacked(before.size, packed(before)), batch),
        emptyTree,
      );
      expect(tree.size).toBe(batches.flat().length);
      expect(headOf(tree)).toEqual(headByDefinition(batches.flat()));
    }),
    { numRuns: 60 },
  );
});

it('has another head when a leaf is changed, left out, or exchanged with the next', () => {
  const leaves = known.map((hex) => leafOf(Buffer.from(hex, 'hex')));
  const head = headOf(withLeaves(emptyTree, leaves));
  const [first, second, ...others] = leaves as [Buffer, Buffer, ...Buffer[]];
  for (const wrong of [
    [leafOf(first), second, ...others],
    [second, ...others],
    [second, first, ...others],
  ]) {
    expect(headOf(withLeaves(emptyTree, wrong))).not.toEqual(head);
  }
});
