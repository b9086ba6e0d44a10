/**
 * SQL texts that write JSON texts: for a statement that tells of many rows what it does to them, without the rows
 * leaving the database.
 *
 * Joined by `||` on purpose: a NULL that was not provided for makes the whole text NULL, and no body may be NULL.
 */

/** A member that is left out where its SQL is NULL. */
export interface OptionalMember {
  readonly optional: string;
}

/** JSON of a text that may contain anything. */
export const anyText = (sql: string): string => `to_json((${sql})::text)::text`;

/** JSON of what never needs escaping: ids, dates, words of a closed list. */
export const plain = (sql: string): string => `'"' || ${sql} || '"'`;

export const integer = (sql: string): string => `(${sql})::text`;

export const constant = (value: string | number): string => `'${JSON.stringify(value).replaceAll("'", "''")}'`;

/** JSON null where the SQL of `json` is NULL. */
export const orNull = (json: string): string => `coalesce(${json}, 'null')`;

export const unlessNull = (json: string): OptionalMember => ({ optional: json });

/** The first member may not be optional. */
export function object(members: Readonly<Record<string, string | OptionalMember>>): string {
  const parts = Object.entries(members).map(([key, member], index) => {
    const name = `'${index === 0 ? '' : ','}${JSON.stringify(key)}:'`;
    return typeof member === 'string' ? `${name} || ${member}` : `coalesce(${name} || ${member.optional}, '')`;
  });
  // Constants that stand side by side are one.
  return ["'{'", ...parts, "'}'"].join(' || ').replaceAll("' || '", '');
}

/** JSON of an aggregate's rows; `[]` of none. */
export function arrayOf(json: string, orderBy: string): string {
  return `'[' || coalesce(string_agg(${json}, ',' ORDER BY ${orderBy}), '') || ']'`;
}
