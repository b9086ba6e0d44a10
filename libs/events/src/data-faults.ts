import { FormatRegistry, TypeRegistry } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { instant } from './attributes.ts';
import { catalogue } from './catalogue.ts';
import type { EventType } from './catalogue.ts';

const faultsMax = 100;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What is wrong with one value: a JSON pointer into the data, and a sentence. */
export interface DataFault {
  readonly pointer: string;
  readonly detail: string;
}

FormatRegistry.Set('uuid', (text) => uuid.test(text));
FormatRegistry.Set('date', (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isInstant(`${text}T00:00:00Z`));
FormatRegistry.Set('date-time', isInstant);
TypeRegistry.Set<{ enum?: unknown[] }>('Unsafe', (schema, value) => schema.enum?.includes(value) ?? true);

/** Where data that somebody else wrote does not fit the schema of this type; nothing where it does. */
export function dataFaults(type: EventType, data: unknown): DataFault[] {
  const { schema } = catalogue[type];
  if (Value.Check(schema, data)) return [];
  const faults = new Map<string, DataFault>();
  for (const { path, message } of Value.Errors(schema, data)) {
    // A missing value is told of twice: as missing, and as not of its type.
    if (!faults.has(path)) faults.set(path, { pointer: path, detail: lowered(message) });
    if (faults.size === faultsMax) break;
  }
  return [...faults.values()];
}

function isInstant(text: string): boolean {
  try {
    instant(text);
    return true;
  } catch {
    return false;
  }
}

const lowered = (message: string) => message.charAt(0).toLowerCase() + message.slice(1);
