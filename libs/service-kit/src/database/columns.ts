import type { EntitySchemaColumnOptions } from 'typeorm';

/** A `bigint` of minor units. The driver hands `bigint` over as text: a number would lose cents above 2^53. */
export const money = (name: string, options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'bigint',
  name,
  transformer: {
    to: (value: bigint | null | undefined) => value?.toString() ?? null,
    from: (value: string | null) => (value === null ? null : BigInt(value)),
  },
  ...options,
});

export const uuid = (name: string, options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'uuid',
  name,
  ...options,
});

/** An instant. */
export const instant = (name: string, options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'timestamptz',
  name,
  ...options,
});

/** A calendar date, 'YYYY-MM-DD'. */
export const date = (name: string, options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'date',
  name,
  ...options,
});
