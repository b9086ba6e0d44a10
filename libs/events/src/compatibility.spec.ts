import { readFileSync, readdirSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { eventTypes, sampleOf } from './catalogue.ts';
import { breaks } from './compatibility.ts';
import type { JsonSchema } from './compatibility.ts';
import { contractBreaks, eventDocs, eventDocsFolder, schemaDocument } from './documents.ts';

const root = new URL('../../../', import.meta.url);
const addFormats = ((formats as { default?: unknown }).default ?? formats) as (ajv: Ajv2020) => Ajv2020;

const base = {
  type: 'object',
  required: ['id', 'owner', 'lines'],
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 64 },
    state: { type: 'string', enum: ['open', 'paid'] },
    count: { type: 'integer', minimum: 0, maximum: 10 },
    paidOn: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
    owner: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, note: { type: 'string' } } },
    lines: { type: 'array', minItems: 1, items: { type: 'object', properties: { amount: { type: 'integer' } } } },
  },
};
type Base = typeof base;

/** The base schema after a change made to a copy of it. */
function changed(change: (schema: Base) => void): JsonSchema {
  const copy = structuredClone(base);
  change(copy);
  return copy;
}
const drop = (target: object, name: string) => void Reflect.deleteProperty(target, name);
const put = (target: object, values: object) => void Object.assign(target, values);

describe('breaks', () => {
  it('finds none in an equal schema', () => {
    expect(breaks(base, structuredClone(base))).toEqual([]);
  });

  it.each<[string, (schema: Base) => void]>([
    ['an optional property is added', (s) => put(s.properties, { memo: { type: 'string' } })],
    ['an optional nested property is added', (s) => put(s.properties.owner.properties, { memo: { type: 'string' } })],
    ['a value is added to a list', (s) => s.properties.state.enum.push('void')],
    ['a bound is loosened', (s) => put(s.properties.id, { maxLength: 128 })],
    ['words change', (s) => put(s, { title: 'New', description: 'New', examples: [] })],
  ])('allows that %s', (_change, change) => {
    expect(breaks(base, changed(change))).toEqual([]);
  });

  it.each<[string, (schema: Base) => void, string[]]>([
    ['a removed property', (s) => drop(s.properties, 'count'), ['/count: removed']],
    ['a removed nested property', (s) => drop(s.properties.owner.properties, 'note'), ['/owner/note: removed']],
    [
      'a removed property of items',
      (s) => put(s.properties.lines.items, { properties: {} }),
      ['/lines/*/amount: removed'],
    ],
    ['an optional property that is now required', (s) => s.required.push('state'), ['/state: now required']],
    ['a new required property', (s) => s.required.push('memo'), ['/memo: now required']],
    ['a nested one', (s) => s.properties.owner.required.push('note'), ['/owner/note: now required']],
    ['a required property that is now optional', (s) => s.required.shift(), ['/id: no longer required']],
    [
      'another type',
      (s) => put(s.properties.count, { type: 'string' }),
      ['/count: type changed from integer to string'],
    ],
    [
      'another type of items',
      (s) => put(s.properties.lines, { items: { type: 'string' } }),
      ['/lines/*: type changed from object to string'],
    ],
    [
      'null where there was none',
      (s) => put(s.properties.id, { type: ['string', 'null'] }),
      ['/id: type changed from string to null|string'],
    ],
    [
      'null taken away',
      (s) => put(s.properties, { paidOn: { type: 'string', format: 'date' } }),
      ['/paidOn: type changed from null|string to string'],
    ],
    ['a value taken from a list', (s) => s.properties.state.enum.pop(), ['/state: value "paid" removed']],
    [
      'a list where any value was',
      (s) => put(s.properties.id, { enum: ['a'] }),
      ['/id: restricted to a list of values'],
    ],
    [
      'a constant where a list was',
      (s) => put(s.properties.state, { const: 'open' }),
      ['/state: value "paid" removed'],
    ],
    ['a lower maximum', (s) => put(s.properties.count, { maximum: 9 }), ['/count: maximum tightened to 9']],
    ['a higher minimum', (s) => put(s.properties.count, { minimum: 1 }), ['/count: minimum tightened to 1']],
    ['a shorter text', (s) => put(s.properties.id, { maxLength: 32 }), ['/id: maxLength tightened to 32']],
    [
      'a bound where none was',
      (s) => put(s.properties.owner.properties.name, { maxLength: 9 }),
      ['/owner/name: maxLength tightened to 9'],
    ],
    ['more items', (s) => put(s.properties.lines, { minItems: 2 }), ['/lines: minItems tightened to 2']],
    ['a pattern', (s) => put(s.properties.id, { pattern: '^a' }), ['/id: pattern changed']],
    [
      'a format inside an alternative',
      (s) => put(s.properties.paidOn.anyOf[0]!, { format: 'date-time' }),
      ['/paidOn: format changed'],
    ],
    ['a rule between properties', (s) => put(s, { oneOf: [{ required: ['state'] }] }), ['/: oneOf changed']],
    ['a closed object', (s) => put(s, { additionalProperties: false }), ['/: additional properties refused']],
  ])('names %s', (_change, change, expected) => {
    expect(breaks(base, changed(change))).toEqual(expected);
  });
});

describe('the committed contract', () => {
  const folder = new URL(`${eventDocsFolder}/`, root);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const committed = Object.fromEntries(
    files.map((file) => [`${eventDocsFolder}/${file}`, readFileSync(new URL(file, folder), 'utf8')]),
  );
  // One for each side: the old and the new schema of a type have the same `$id`.
  const [before, now] = [1, 2].map(() => addFormats(new Ajv2020({ allErrors: true }))) as [Ajv2020, Ajv2020];
  const isValid = (ajv: Ajv2020, schema: JsonSchema, value: unknown) => {
    const validate = ajv.compile(schema);
    return validate(value) || validate.errors;
  };

  it('is not broken by the catalogue of today', () => {
    expect(contractBreaks(committed)).toEqual([]);
  });

  it('is as generated: run `npm run generate` after an additive change', () => {
    expect(committed).toEqual(eventDocs());
  });

  it.each(eventTypes)('%s: old readers read new events and new readers old ones', (type) => {
    const old = JSON.parse(committed[`${eventDocsFolder}/${type}.schema.json`] ?? 'null') as JsonSchema;
    const [oldSample] = old['examples'] as unknown[];
    expect(isValid(now, schemaDocument(type), oldSample)).toBe(true);
    expect(isValid(before, old, sampleOf(type))).toBe(true);
  });

  it('notices a type that left the catalogue, and a break in one that stayed', () => {
    const posted = schemaDocument('payment.posted');
    const properties = JSON.stringify({ ...posted, properties: { gone: { type: 'string' } } });
    expect(contractBreaks({ 'docs/events/payment.vanished.schema.json': '{}' })).toEqual([
      'payment.vanished: removed from the catalogue',
    ]);
    expect(contractBreaks({ 'docs/events/payment.posted.schema.json': properties })).toContain(
      'payment.posted/gone: removed',
    );
  });
});
