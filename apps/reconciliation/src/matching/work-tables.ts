// The work tables of a run, one for each side: what is open, or, for a run of news, what may be found at the news.

export const WORK_TABLES = [
  ...['wa', 'wb'].map(
    (table) => `
  CREATE TEMP TABLE ${table} (
    id bigint, acct text, currency char(3), amount bigint, d date, ref text, second text, grp text, party text,
    fresh boolean, step int) ON COMMIT DROP`,
  ),
  `CREATE TEMP TABLE pairs (match uuid, rule text, score int, a bigint, b bigint, currency char(3), amount bigint)
     ON COMMIT DROP`,
  `CREATE TEMP TABLE sums (match uuid, rule text, score int, a bigint[], b bigint[], currency text, amount bigint)
     ON COMMIT DROP`,
  `CREATE TEMP TABLE near (a bigint, b bigint, days int, same_party boolean, ca bigint, cb bigint, currency text,
     amount bigint) ON COMMIT DROP`,
  `CREATE TEMP TABLE hints (rule text, score int, a bigint[], b bigint[], currency text, diff bigint, evidence jsonb)
     ON COMMIT DROP`,
];
export const ANALYZE = ['ANALYZE wa', 'ANALYZE wb'];

const loops = (nested: 'on' | 'off', others: 'on' | 'off') => [
  `SET LOCAL enable_nestloop = ${nested}`,
  `SET LOCAL enable_hashjoin = ${others}`,
  `SET LOCAL enable_mergejoin = ${others}`,
];
/** Chains of anti-joins are estimated at one row; a nested loop over a million of them would not end. */
export const AS_WHOLE = loops('off', 'on');
/** News are few, and are looked up one by one, whatever the planner makes of tables that are a second old. */
export const BY_INDEX = loops('on', 'off');
export const WORK_MEM = `SET LOCAL work_mem = '256MB'`;

const WANTED = `i.id, CASE WHEN $3::boolean THEN i.account ELSE '' END, i.currency, i.amount_minor, i.dated_on,
  CASE WHEN $4::boolean THEN i.reference || ' ' || coalesce(i.second_reference, '') ELSE i.reference END,
  i.second_reference, i.batch_reference, upper(i.party)`;
const side = (table: 'wa' | 'wb') => (table === 'wa' ? 'A' : 'B');

/** $1 tenant, $2 set, $3 within an account, $4 references of two parts */
export const fillAll = (table: 'wa' | 'wb') => `
  INSERT INTO ${table}
  SELECT ${WANTED}, true, 0 FROM items i
   WHERE i.tenant_id = $1 AND i.set_name = $2 AND i.side = '${side(table)}' AND i.state = 'open'`;

/** Takes the news out: a run that fails gives them back. $1 tenant, $2 set */
export const TAKE_NEWS = `
  WITH taken AS (DELETE FROM item_news WHERE tenant_id = $1 AND set_name = $2 RETURNING item_id)
  INSERT INTO news SELECT item_id FROM taken`;
export const DROP_NEWS = 'DELETE FROM item_news WHERE tenant_id = $1 AND set_name = $2';
export const NEWS_TABLE = 'CREATE TEMP TABLE news (id bigint) ON COMMIT DROP';
export const ANALYZE_NEWS = 'ANALYZE news';

/** $1 to $4 as in `fillAll` */
export const fillNews = (table: 'wa' | 'wb') => `
  INSERT INTO ${table}
  SELECT ${WANTED}, true, 0 FROM news n JOIN items i ON i.tenant_id = $1 AND i.id = n.id
   WHERE i.set_name = $2 AND i.side = '${side(table)}' AND i.state = 'open'`;

/**
 * What may be found at the rows that step $5 brought in, by index: the same reference, or group, or the amount in the
 * window of days. $6 and $7: days before and after; a null window looks for references only.
 */
export function fillNeighbours(to: 'wa' | 'wb'): string {
  const [from, sign] = to === 'wb' ? (['wa', 1] as const) : (['wb', -1] as const);
  const [earlier, later] = sign === 1 ? ['$6', '$7'] : ['$7', '$6'];
  const open = `i.tenant_id = $1 AND i.set_name = $2 AND i.side = '${side(to)}' AND i.state = 'open'`;
  return `
  INSERT INTO ${to}
  SELECT ${WANTED}, false, $5::int + 1 FROM items i JOIN (
    SELECT i.id FROM ${from} w JOIN items i ON ${open}
       AND i.reference = CASE WHEN $4::boolean THEN split_part(w.ref, ' ', 1) ELSE w.ref END WHERE w.step = $5
    UNION SELECT i.id FROM ${from} w JOIN items i ON ${open} AND i.reference = w.second WHERE w.step = $5
    UNION SELECT i.id FROM ${from} w JOIN items i ON ${open} AND i.batch_reference IN (w.grp, w.ref) WHERE w.step = $5
    UNION SELECT i.id FROM ${from} w JOIN items i ON ${open} AND i.reference = w.grp WHERE w.step = $5
    UNION SELECT i.id FROM ${from} w JOIN items i ON ${open} AND i.currency = w.currency AND i.amount_minor = w.amount
       AND i.dated_on BETWEEN w.d - ${earlier}::int AND w.d + ${later}::int WHERE w.step = $5
  ) found USING (id)
   WHERE i.tenant_id = $1 AND NOT EXISTS (SELECT FROM ${to} known WHERE known.id = i.id)`;
}
