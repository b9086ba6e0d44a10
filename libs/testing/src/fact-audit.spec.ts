import { auditFacts, clean } from './fact-audit.ts';
import type { Change } from './fact-audit.ts';

const change = (aggregate: string, version: number): Change => ({ fact: `${aggregate}${version}`, aggregate, version });
const [a1, a2, a3, b1] = [change('a', 1), change('a', 2), change('a', 3), change('b', 1)] as const;
const facts = [a1, a2, a3, b1];
const good = { facts, logged: facts, stored: facts, effects: facts };

describe('the audit of facts', () => {
  it('finds nothing where all places agree, in whatever order the aggregates take turns', () => {
    expect(auditFacts(good)).toEqual(clean);
    expect(auditFacts({ ...good, stored: [a1, b1, a2, a3], effects: [b1, a1, a2, a3] })).toEqual(clean);
  });

  it('a message stored twice is no finding: the inbox is there for it', () => {
    expect(auditFacts({ ...good, stored: [a1, a2, a1, a3, b1, a2] })).toEqual(clean);
  });

  it('finds what is missing, by its place', () => {
    expect(auditFacts({ ...good, effects: [a1, a2, b1] })).toEqual({ ...clean, lost: ['effects a#3'] });
    expect(auditFacts({ ...good, stored: [], effects: [] }).lost).toHaveLength(8);
  });

  it('finds what was never committed', () => {
    expect(auditFacts({ ...good, facts: [a1, a2, a3] }).ghosts).toEqual(['logged b#1', 'stored b#1', 'effects b#1']);
  });

  it('finds what was done twice', () => {
    expect(auditFacts({ ...good, effects: [...facts, a2] })).toEqual({ ...clean, doubled: ['a#2'] });
  });

  it('finds what came after its successor', () => {
    const disorder = ['effects a#2 after #3'];
    expect(auditFacts({ ...good, effects: [a1, a3, a2, b1] })).toEqual({ ...clean, disorder });
  });
});
