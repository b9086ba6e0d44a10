import type { EntitySchema } from 'typeorm';

interface Transformer {
  from(value: unknown): unknown;
}

/** Between a domain type and its table's rows, by the one mapping there is: the `EntitySchema`. */
export interface RowMap<T> {
  /** `a, b, c`, with a prefix `p.a, p.b, p.c`. */
  columns(prefix?: string): string;
  /** One JSON array for `jsonb_populate_recordset`: a batch of any size is one statement with one parameter. */
  toJson(entities: readonly T[]): string;
  /**
   * `$1, $2, …`, one for each column, and what they stand for: a single row costs the database a third of a JSON one.
   */
  placeholders: string;
  values(entity: T): unknown[];
  fromRow(row: object): T;
}

export function rowMap<T extends object>(schema: EntitySchema<T>): RowMap<T> {
  const mapped = Object.entries(schema.options.columns).map(([property, column]) => {
    const { name = property, transformer } = column as { name?: string; transformer?: Transformer };
    return { property, name, transformer };
  });
  return {
    columns: (prefix = '') => mapped.map(({ name }) => prefix + name).join(', '),
    toJson: (entities) => JSON.stringify(entities.map((entity) => toRow(entity, mapped))),
    placeholders: mapped.map((_column, index) => `$${index + 1}`).join(', '),
    values: (entity) => Object.values(toRow(entity, mapped)).map(toParameter),
    fromRow: (row) =>
      Object.fromEntries(
        mapped.map(({ property, name, transformer }) => {
          const value = (row as Record<string, unknown>)[name];
          return [property, transformer ? transformer.from(value) : value];
        }),
      ) as T,
  };
}

function toRow(entity: object, mapped: readonly { property: string; name: string }[]): Record<string, unknown> {
  const values = entity as Record<string, unknown>;
  return Object.fromEntries(
    mapped.map(({ property, name }) => {
      const value = values[property];
      return [name, typeof value === 'bigint' ? value.toString() : value];
    }),
  );
}

/** The driver would take an object for a composite type; `jsonb` wants its text. */
function toParameter(value: unknown): unknown {
  const isJson = typeof value === 'object' && value !== null && !(value instanceof Date);
  return isJson ? JSON.stringify(value) : value;
}
