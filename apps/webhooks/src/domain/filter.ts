import { operators, refusePlain } from './filter-operators.ts';
import type { Test } from './filter-operators.ts';

/** What an endpoint asks of an event's content, as its owner wrote it. */
export type FilterDocument = Readonly<Record<string, unknown>>;

export interface FilterFault {
  /** Into the filter (RFC 6901). */
  readonly pointer: string;
  readonly detail: string;
}

export interface CompiledFilter {
  readonly test: Test;
  /** Empty: the filter may be used. */
  readonly faults: readonly FilterFault[];
}

const depthMax = 8;
const bytesMax = 4_096;
const faultsMax = 100;
/** What a webhook consists of: a path that begins with anything else would match nothing, ever. */
const roots = ['type', 'timestamp', 'id', 'sequence', 'data'];

/**
 * Compiled once when an endpoint is loaded, asked for every event. A filter has no loop, no expression and nothing of
 * its own to call: asking costs at most its 4 KB, each with a bounded look at one value. Fields are own fields only, so
 * that no filter reaches into a prototype. It never throws, whatever filter or event are.
 */
export function compileFilter(filter: FilterDocument): CompiledFilter {
  const tooDeep = placeBelow(filter, '', depthMax);
  if (tooDeep !== null) return refused({ pointer: tooDeep, detail: `is nested deeper than ${depthMax}` });
  const bytes = Buffer.byteLength(JSON.stringify(filter));
  if (bytes > bytesMax) return refused({ pointer: '', detail: `must be at most ${bytesMax} bytes of JSON` });
  const faults: FilterFault[] = [];
  const test = nodeOf(filter, { pointer: '', isWhole: true, faults });
  return { test, faults: faults.slice(0, faultsMax) };
}

/** Where in the filter we are. `isWhole`: what is asked about is the event itself and not a value in it. */
interface Place {
  readonly pointer: string;
  readonly isWhole: boolean;
  readonly faults: FilterFault[];
}

const never: Test = () => false;
const refused = (fault: FilterFault): CompiledFilter => ({ test: never, faults: [fault] });

function fault({ pointer, faults }: Place, detail: string): Test {
  faults.push({ pointer, detail });
  return never;
}

const inside = (place: Place, key: string | number, isWhole: boolean): Place => ({
  ...place,
  pointer: pointerInto(place.pointer, String(key)),
  isWhole,
});

/** A plain value asks for equality, an object for everything in it. */
function nodeOf(node: unknown, place: Place): Test {
  if (isObject(node)) {
    const tests = Object.entries(node).map(([key, operand]) => entryOf(key, operand, place));
    return tests.length === 0 ? fault(place, 'must not be empty') : all(tests);
  }
  if (place.isWhole || Array.isArray(node)) return fault(place, 'must be an object; a list of values goes into $in');
  const refusal = refusePlain(node);
  return refusal === null ? (value) => value === node : fault(place, refusal);
}

function entryOf(key: string, operand: unknown, place: Place): Test {
  if (!key.startsWith('$')) return fieldOf(key.split('.'), operand, inside(place, key, false), place.isWhole);
  const here = inside(place, key, place.isWhole);
  if (key === '$and' || key === '$or') return listOf(key, operand, here);
  if (key === '$not') {
    const test = nodeOf(operand, here);
    return (value) => !test(value);
  }
  if (!Object.hasOwn(operators, key)) return fault(here, 'is not an operator');
  if (place.isWhole) return fault(here, 'needs a field in front of it, such as data.state');
  return valueOf(key, operand, here);
}

function listOf(key: '$and' | '$or', operand: unknown, place: Place): Test {
  if (!Array.isArray(operand) || operand.length === 0) return fault(place, 'must be a list of at least one filter');
  const tests = operand.map((item, at) => nodeOf(item, inside(place, at, place.isWhole)));
  return key === '$and' ? all(tests) : (value) => tests.some((test) => test(value));
}

function valueOf(key: string, operand: unknown, place: Place): Test {
  const operator = operators[key];
  const refusal = operator?.refuse(operand) ?? null;
  if (operator === undefined || refusal !== null) return fault(place, refusal ?? 'is not an operator');
  return operator.test(operand as never);
}

function fieldOf(path: readonly string[], node: unknown, place: Place, fromWhole: boolean): Test {
  if (path.includes('')) return fault(place, 'is not a path');
  if (fromWhole && !roots.includes(path[0] ?? '')) return fault(place, `must begin with ${roots.join(', ')}`);
  const test = nodeOf(node, place);
  return (value) => test(valueAt(value, path));
}

/** undefined: there is no such field. Lists are looked into by `$contains` only. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

const all =
  (tests: readonly Test[]): Test =>
  (value) =>
    tests.every((test) => test(value));

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first place that lies deeper than allowed. Asked first, so that nothing after it recurses further than this. */
function placeBelow(value: unknown, pointer: string, left: number): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (left === 0) return pointer;
  for (const [key, item] of Object.entries(value)) {
    const found = placeBelow(item, pointerInto(pointer, key), left - 1);
    if (found !== null) return found;
  }
  return null;
}

function pointerInto(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
