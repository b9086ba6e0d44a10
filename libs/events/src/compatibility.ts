/** The part of JSON Schema 2020-12 that event schemas use, as plain JSON. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const raisedIsTighter = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const loweredIsTighter = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
/** Rules no one can compare: any change of them is taken as a break. */
const opaque = ['pattern', 'format', 'multipleOf', 'uniqueItems', 'oneOf', 'allOf', 'not'];

/**
 * What a reader or a stored event of the old schema would trip over under the new one; empty when the change is
 * additive. A break needs a new event type (`<type>.v2`), both published until every consumer has moved.
 */
export function breaks(oldSchema: JsonSchema, newSchema: JsonSchema): string[] {
  return compare('', oldSchema, newSchema);
}

function compare(path: string, before: JsonSchema, after: JsonSchema): string[] {
  const old = byType(before);
  const now = byType(after);
  const oldTypes = [...old.keys()].sort().join('|');
  const newTypes = [...now.keys()].sort().join('|');
  if (oldTypes !== newTypes) return [`${at(path)}: type changed from ${oldTypes} to ${newTypes}`];
  return [...old].flatMap(([type, branch]) => {
    const other = now.get(type) ?? {};
    return [
      ...values(path, branch, other),
      ...bounds(path, branch, other),
      ...opaqueRules(path, branch, other),
      ...properties(path, branch, other),
      ...items(path, branch, other),
    ];
  });
}

/** Alternatives by type: `anyOf`, a list of types and a plain schema all read the same way. */
function byType(schema: JsonSchema): Map<string, JsonSchema> {
  const branches = Array.isArray(schema['anyOf']) ? (schema['anyOf'] as JsonSchema[]) : [schema];
  const found = new Map<string, JsonSchema>();
  for (const branch of branches) {
    for (const type of typesOf(branch)) {
      // Two alternatives of one type are told apart by their content, so that changing one is seen.
      const key = found.has(type) ? `${type} (${JSON.stringify(branch)})` : type;
      found.set(key, branch);
    }
  }
  return found;
}

function typesOf(schema: JsonSchema): string[] {
  const { type } = schema;
  if (Array.isArray(type)) return type as string[];
  if (typeof type === 'string') return [type];
  return ['any'];
}

function values(path: string, before: JsonSchema, after: JsonSchema): string[] {
  const old = allowed(before);
  const now = allowed(after);
  if (now === undefined) return [];
  if (old === undefined) return [`${at(path)}: restricted to a list of values`];
  return old.filter((value) => !now.includes(value)).map((value) => `${at(path)}: value ${value} removed`);
}

function allowed(schema: JsonSchema): string[] | undefined {
  if ('const' in schema) return [JSON.stringify(schema['const'])];
  return Array.isArray(schema['enum']) ? schema['enum'].map((value) => JSON.stringify(value)) : undefined;
}

function bounds(path: string, before: JsonSchema, after: JsonSchema): string[] {
  const tightened = (keyword: string, direction: 1 | -1) => {
    const now = after[keyword];
    if (typeof now !== 'number') return false;
    const old = before[keyword];
    return typeof old !== 'number' || (now - old) * direction > 0;
  };
  return [
    ...raisedIsTighter.filter((keyword) => tightened(keyword, 1)),
    ...loweredIsTighter.filter((keyword) => tightened(keyword, -1)),
  ].map((keyword) => `${at(path)}: ${keyword} tightened to ${String(after[keyword])}`);
}

function opaqueRules(path: string, before: JsonSchema, after: JsonSchema): string[] {
  return opaque
    .filter((keyword) => JSON.stringify(before[keyword]) !== JSON.stringify(after[keyword]))
    .map((keyword) => `${at(path)}: ${keyword} changed`);
}

function properties(path: string, before: JsonSchema, after: JsonSchema): string[] {
  const old = asSchemas(before['properties']);
  const now = asSchemas(after['properties']);
  const oldRequired = asNames(before['required']);
  const newRequired = asNames(after['required']);
  const closed = before['additionalProperties'] !== false && after['additionalProperties'] === false;
  return [
    ...(closed ? [`${at(path)}: additional properties refused`] : []),
    ...newRequired.filter((name) => !oldRequired.includes(name)).map((name) => `${path}/${name}: now required`),
    ...oldRequired
      .filter((name) => !newRequired.includes(name) && name in now)
      .map((name) => `${path}/${name}: no longer required`),
    ...Object.entries(old).flatMap(([name, schema]) => {
      const counterpart = now[name];
      return counterpart === undefined ? [`${path}/${name}: removed`] : compare(`${path}/${name}`, schema, counterpart);
    }),
  ];
}

function items(path: string, before: JsonSchema, after: JsonSchema): string[] {
  const [old, now] = [before['items'], after['items']];
  if (now === undefined) return [];
  return compare(`${path}/*`, (old ?? {}) as JsonSchema, now as JsonSchema);
}

function asSchemas(value: unknown): Readonly<Record<string, JsonSchema>> {
  return (value ?? {}) as Readonly<Record<string, JsonSchema>>;
}

function asNames(value: unknown): string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

function at(path: string): string {
  return path === '' ? '/' : path;
}
