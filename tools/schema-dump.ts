// A schema as SQL text, from the catalogue of a migrated database: what migrations add up to, in one file that a
// reviewer can read and a test can compare. Deterministic: ordered by name, without day partitions.
import type pg from 'pg';

type Row = Record<string, string>;

/** Day partitions come and go; what they are made like is the parent's. */
const TABLES = `
  SELECT c.oid, c.relname AS name, c.relrowsecurity AS rls, c.relforcerowsecurity AS forced,
         pg_get_partkeydef(c.oid) AS partition_key, array_to_string(c.reloptions, ', ') AS options
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'migrations'
   ORDER BY c.relname`;

const COLUMNS = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
         a.attidentity AS identity, a.attgenerated AS generated, pg_get_expr(d.adbin, d.adrelid) AS value,
         CASE WHEN a.attcollation <> t.typcollation
           THEN (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END AS collation
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

const CONSTRAINTS = `
  SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
   WHERE conrelid = $1 AND contype <> 'n' AND contype <> 't' ORDER BY contype = 'p' DESC, conname`;

const INDEXES = `
  SELECT pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE i.indrelid = $1 AND NOT EXISTS (
           SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
   ORDER BY c.relname`;

const TRIGGERS = `
  SELECT pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal ORDER BY tgname`;

const POLICIES = `
  SELECT p.polname AS name, p.polcmd AS command, p.polpermissive AS permissive,
         (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname)
            FROM pg_roles r WHERE r.oid = ANY (p.polroles)) AS roles,
         pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS checked
    FROM pg_policy p WHERE p.polrelid = $1 ORDER BY p.polname`;

const GRANTS = `
  SELECT g.grantee::regrole::text AS grantee, string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type) AS privileges
    FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = $1 AND g.grantee <> c.relowner AND g.grantee <> 0
   GROUP BY g.grantee ORDER BY 1`;

const COLUMN_GRANTS = `
  SELECT g.grantee::regrole::text AS grantee, g.privilege_type AS privilege,
         string_agg(a.attname, ', ' ORDER BY a.attnum) AS columns
    FROM pg_attribute a, aclexplode(a.attacl) g WHERE a.attrelid = $1 GROUP BY 1, 2 ORDER BY 1, 2`;

const FUNCTIONS = `
  SELECT pg_get_functiondef(p.oid) AS definition, p.proname AS name,
         pg_get_function_identity_arguments(p.oid) AS arguments,
         (SELECT string_agg(CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END, ', '
                            ORDER BY g.grantee::regrole::text)
            FROM aclexplode(p.proacl) g WHERE g.grantee <> p.proowner) AS callers
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1 ORDER BY p.proname, 3`;

const VIEWS = `
  SELECT c.relname AS name, pg_get_viewdef(c.oid) AS definition, array_to_string(c.reloptions, ', ') AS options
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relkind IN ('v', 'm') ORDER BY 1`;

const TYPES = `
  SELECT t.typname AS name, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) AS labels
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace
   WHERE n.nspname = $1 GROUP BY 1 ORDER BY 1`;

/** Sequences of their own; those of identity columns belong to the column. */
const SEQUENCES = `
  SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relkind = 'S'
     AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))
   ORDER BY 1`;

/** @param client its search_path must be `schema`, so that names print without it */
export async function dumpSchema(client: pg.Client, schema: string): Promise<string> {
  const rows = async (text: string, value: string) => (await client.query<Row>(text, [value])).rows;
  const types = (await rows(TYPES, schema)).map(({ name, labels }) => `CREATE TYPE ${name} AS ENUM (${labels});`);
  const sequences = (await rows(SEQUENCES, schema)).map(({ name }) => `CREATE SEQUENCE ${name};`);
  const tables: string[] = [];
  for (const table of await rows(TABLES, schema)) tables.push(await tableText(table, rows));
  const views = (await rows(VIEWS, schema)).map(
    ({ name, definition, options }) => `CREATE VIEW ${name}${options ? ` WITH (${options})` : ''} AS\n${definition}`,
  );
  const functions = (await rows(FUNCTIONS, schema)).map(
    ({ definition, name, arguments: args, callers }) =>
      `${definition?.trimEnd()};${callers ? `\nGRANT EXECUTE ON FUNCTION ${name}(${args}) TO ${callers};` : ''}`,
  );
  const head = `-- Generated by \`npm run generate\` from the migrations: do not edit. Schema ${schema}.`;
  return `${[head, ...types, ...sequences, ...tables, ...views, ...functions].join('\n\n')}\n`;
}

type Reader = (text: string, value: string) => Promise<Row[]>;

async function tableText(table: Row, rows: Reader): Promise<string> {
  const { oid, name, partition_key: partitionKey, options } = table as Record<'oid' | 'name', string> & Row;
  const of = (text: string) => rows(text, oid);
  const columns = (await of(COLUMNS)).map(columnText);
  const constraints = (await of(CONSTRAINTS)).map((row) => `CONSTRAINT ${row['name']} ${row['definition']}`);
  const body = [...columns, ...constraints].map((line) => `  ${line}`).join(',\n');
  const tail = `${partitionKey ? ` PARTITION BY ${partitionKey}` : ''}${options ? ` WITH (${options})` : ''}`;
  const lines = [
    `CREATE TABLE ${name} (\n${body}\n)${tail};`,
    ...(await of(INDEXES)).map(({ definition }) => `${definition};`),
    ...(await of(TRIGGERS)).map(({ definition }) => `${definition};`),
    ...(table['rls'] ? [`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`] : []),
    ...(table['forced'] ? [`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;`] : []),
    ...(await of(POLICIES)).map((policy) => policyText(name, policy)),
    ...(await of(GRANTS)).map(({ grantee, privileges }) => `GRANT ${privileges} ON ${name} TO ${grantee};`),
    ...(await of(COLUMN_GRANTS)).map(
      ({ grantee, privilege, columns: list }) => `GRANT ${privilege} (${list}) ON ${name} TO ${grantee};`,
    ),
  ];
  return lines.join('\n');
}

function columnText(row: Row): string {
  const { name, type, collation, identity, generated, value } = row;
  const parts = [
    `${name} ${type}`,
    collation && `COLLATE "${collation}"`,
    identity && `GENERATED ${identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`,
    generated && `GENERATED ALWAYS AS (${value}) STORED`,
    !generated && value && `DEFAULT ${value}`,
    row['not_null'] && 'NOT NULL',
  ];
  return parts.filter(Boolean).join(' ');
}

const COMMANDS: Row = { r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE', '*': 'ALL' };

function policyText(table: string, policy: Row): string {
  const { name, command, roles, using, checked } = policy;
  const restrictive = policy['permissive'] ? '' : ' AS RESTRICTIVE';
  const scope = `FOR ${COMMANDS[command ?? '*']} TO ${roles ?? 'PUBLIC'}`;
  const head = `CREATE POLICY ${name} ON ${table}${restrictive} ${scope}`;
  return `${head}${using ? ` USING (${using})` : ''}${checked ? ` WITH CHECK (${checked})` : ''};`;
}
