/** What a pass of the day sweep takes up, over `i` instalments. */
export interface Pending {
  /** Has the `tenant_id`, `id`, `policy_locator` and `schedule_id` of each. */
  readonly table: 'instalments' | 'announcement_queue';
  /** The predicate of an index whose columns are `tenant_id`, `at`, `id`. */
  readonly where: string;
  /** The column that says when. */
  readonly at: string;
  /** The states of a schedule whose instalments wait, as a list in SQL. */
  readonly waiting: string;
  /** What else has to be true, over `i` and its policy `p`. */
  readonly and?: string;
}

const isLive = (waiting: string) =>
  `(SELECT s.state FROM schedules s WHERE s.tenant_id = i.tenant_id AND s.id = i.schedule_id) NOT IN (${waiting})`;

/**
 * The common table `tenants`, to be read recursively: of those that live in real time and have a row of `table` `i`
 * with this predicate, which is a partial index's, the ones after $4, in their order.
 */
export const tenantsOf = (table: string, where: string) => {
  const next = (after: string) =>
    `SELECT i.tenant_id FROM ${table} i WHERE ${where} AND i.tenant_id > ${after} ORDER BY i.tenant_id LIMIT 1`;
  return `
  walk AS (
    (${next('$4::uuid')})
    UNION ALL
    SELECT (${next('t.tenant_id')}) FROM walk t WHERE t.tenant_id IS NOT NULL
  ), tenants AS (
    SELECT t.tenant_id FROM walk t
     WHERE t.tenant_id IS NOT NULL AND NOT EXISTS (SELECT FROM test_clocks c WHERE c.tenant_id = t.tenant_id)
  )`;
};

/**
 * The rows of a pass that are due at $1 and whose policies nobody else has locked; those policies are locked. At most
 * $2 of one tenant and $3 in all, so that nobody's fifty thousand keep another's one waiting. What others have in hand
 * is passed over, not waited for. Locked last: what waits for something is no candidate, and locks nobody out.
 *
 * Read the rows again before changing them: the locks came after this statement had begun.
 */
function claimSql(tenants: string, { table, where, at, waiting, and }: Pending): string {
  return `
  WITH RECURSIVE ${tenants}
  SELECT coalesce(array_agg(c.tenant_id), '{}')::text AS "tenantIds", coalesce(array_agg(c.id), '{}')::text AS ids,
         array_agg(DISTINCT c.time_zone) AS zones, count(*)::int AS count, max(c.tenant_id::text) AS last
    FROM (
      SELECT c.* FROM tenants t CROSS JOIN LATERAL (
        SELECT i.tenant_id, i.id, i.time_zone
          FROM (
            SELECT i.tenant_id, i.id, i.policy_locator, p.time_zone
              FROM (SELECT i.tenant_id, i.id, i.policy_locator, i.schedule_id FROM ${table} i
                     WHERE i.tenant_id = t.tenant_id AND ${where} AND i.${at} <= $1 ORDER BY i.${at}, i.id OFFSET 0) i
             CROSS JOIN LATERAL (
               SELECT * FROM policies p
                WHERE p.tenant_id = i.tenant_id AND p.locator = i.policy_locator OFFSET 0) p
             WHERE ${isLive(waiting)}${and ? ` AND ${and}` : ''} OFFSET 0) i
         CROSS JOIN LATERAL (
           SELECT FROM policies l WHERE l.tenant_id = i.tenant_id AND l.locator = i.policy_locator
              FOR NO KEY UPDATE SKIP LOCKED) l
         LIMIT $2) c
       LIMIT $3) c`;
}

/** Whether something of the tenant $2 is due at $1, whoever has it in hand. */
function leftSql({ table, where, at, waiting, and }: Pending): string {
  return `
  SELECT FROM ${table} i JOIN policies p ON p.tenant_id = i.tenant_id AND p.locator = i.policy_locator
   WHERE i.tenant_id = $2 AND ${where} AND i.${at} <= $1 AND ${isLive(waiting)}${and ? ` AND ${and}` : ''} LIMIT 1`;
}

export interface ClaimTexts {
  /** Of every tenant that lives in real time, in turns: those after $4. */
  readonly realTime: string;
  /** Of the tenant $4. */
  readonly ofTenant: string;
  /** Whether there is one of the tenant $2. */
  readonly left: string;
  /** Whether there is one of any tenant, held or not: asked first, because nearly always there is none. */
  readonly any: string;
}

export function claimTexts(pending: Pending): ClaimTexts {
  return {
    realTime: claimSql(tenantsOf(pending.table, pending.where), pending),
    ofTenant: claimSql('tenants AS (SELECT $4::uuid AS tenant_id)', pending),
    left: leftSql(pending),
    any: `SELECT FROM ${pending.table} i WHERE ${pending.where} AND i.${pending.at} <= $1
           ORDER BY i.${pending.at} LIMIT 1`,
  };
}
