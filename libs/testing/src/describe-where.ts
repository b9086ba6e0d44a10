import { describe } from '@jest/globals';

/**
 * `describe` for what needs something that a machine may not have: where it is missing, the suite is skipped and a line
 * says why. For nothing else: a test that can run does.
 */
export function describeWhere(isThere: boolean, whyNot: string): (name: string, suite: () => void) => void {
  if (isThere) return describe;
  process.stderr.write(`${whyNot}\n`);
  return describe.skip;
}
