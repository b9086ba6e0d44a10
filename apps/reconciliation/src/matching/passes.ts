// The passes of a run over its work tables, each one statement; what was confirmed leaves the tables.

const notRejected = (a: string, b: string) =>
  `NOT EXISTS (SELECT FROM rejected_pairs r WHERE r.tenant_id = $1 AND r.a_item = ${a} AND r.b_item = ${b})`;
const ranked = (table: 'wa' | 'wb', key: 'ref' | 'second') => `(
    SELECT *, row_number() OVER (PARTITION BY acct, currency, ${key}, amount ORDER BY d, id) AS rank
      FROM ${table} WHERE ${key} IS NOT NULL)`;

/**
 * The same reference and amount. Several equal ones are paired in order of their dates, so that they never multiply.
 * $1 tenant, $2 rule, $3 score, $4 and $5 days before and after, or null
 */
const byReference = (a: 'ref' | 'second', b: 'ref' | 'second') => `
  INSERT INTO pairs
  SELECT uuidv7(), $2::text, $3::int, x.id, y.id, x.currency, x.amount
    FROM ${ranked('wa', a)} x
    JOIN ${ranked('wb', b)} y
      ON y.acct = x.acct AND y.currency = x.currency AND y.${b} = x.${a} AND y.amount = x.amount AND y.rank = x.rank
   WHERE (x.fresh OR y.fresh) AND ($4::int IS NULL OR y.d BETWEEN x.d - $4 AND x.d + $5::int)
     AND ${notRejected('x.id', 'y.id')}`;
export const PAIR_BY_REFERENCE = byReference('ref', 'ref');
export const PAIR_BY_SECOND = byReference('second', 'ref');
export const PAIR_BY_SECOND_OF_B = byReference('ref', 'second');

/** What is paired by an auto pass leaves at once; what waits to be suggested stays. */
export const DROP_PAIRED = [
  'DELETE FROM wa USING pairs p WHERE wa.id = p.a',
  'DELETE FROM wb USING pairs p WHERE wb.id = p.b',
];

/** Many of one side have the batch that one of the other names, and come to its amount. $1 tenant, $2 rule, $3 score */
function bySum(many: 'wa' | 'wb'): string {
  const one = many === 'wa' ? 'wb' : 'wa';
  const [a, b] = many === 'wa' ? ['g.ids', 'ARRAY[y.id]'] : ['ARRAY[y.id]', 'g.ids'];
  const rejected = many === 'wa' ? 'r.b_item = y.id AND r.a_item' : 'r.a_item = y.id AND r.b_item';
  return `
  INSERT INTO sums
  SELECT uuidv7(), $2::text, $3::int, ${a}, ${b}, g.currency, g.amount FROM (
    SELECT acct, currency, grp, sum(amount)::bigint AS amount, array_agg(id ORDER BY id) AS ids, bool_or(fresh) AS fresh
      FROM ${many} WHERE grp IS NOT NULL GROUP BY acct, currency, grp HAVING count(*) > 1) g
    JOIN (
      SELECT *, count(*) OVER (PARTITION BY acct, currency, key, amount) AS n FROM (
        SELECT id, acct, currency, amount, fresh, grp AS key FROM ${one} WHERE grp IS NOT NULL
        UNION SELECT id, acct, currency, amount, fresh, ref FROM ${one} WHERE ref IS NOT NULL) keyed) y
      ON y.acct = g.acct AND y.currency = g.currency AND y.key = g.grp AND y.amount = g.amount AND y.n = 1
   WHERE (g.fresh OR y.fresh) AND NOT EXISTS (
     SELECT FROM rejected_pairs r WHERE r.tenant_id = $1 AND ${rejected} = ANY (g.ids))`;
}
export const SUM_OF_A = bySum('wa');
export const SUM_OF_B = bySum('wb');
export const DROP_SUMMED = [
  'DELETE FROM wa USING (SELECT unnest(a) AS id FROM sums) s WHERE wa.id = s.id',
  'DELETE FROM wb USING (SELECT unnest(b) AS id FROM sums) s WHERE wb.id = s.id',
];

/** One on each side with this reference, and they differ. $1 tenant */
export const DIFFERENCES = `
  SELECT x.id AS a, y.id AS b, x.currency, (x.amount - y.amount)::text AS missing
    FROM (SELECT *, count(*) OVER (PARTITION BY acct, currency, ref) AS n FROM wa WHERE ref IS NOT NULL) x
    JOIN (SELECT *, count(*) OVER (PARTITION BY acct, currency, ref) AS n FROM wb WHERE ref IS NOT NULL) y
      ON y.acct = x.acct AND y.currency = x.currency AND y.ref = x.ref AND y.amount <> x.amount
   WHERE x.n = 1 AND y.n = 1 AND (x.fresh OR y.fresh) AND ${notRejected('x.id', 'y.id')}
   ORDER BY x.id LIMIT 1000`;

/** Amounts of which there are so many that nobody would look through what fits. */
const CROWD = 400;

/** The same amount in the window of days. $1 tenant, $2 and $3 days before and after */
export const FIND_NEAR = `
  INSERT INTO near
  WITH few AS (
    SELECT acct, currency, amount FROM (SELECT acct, currency, amount, count(*) AS n FROM wa GROUP BY 1, 2, 3) a
      JOIN (SELECT acct, currency, amount, count(*) AS m FROM wb GROUP BY 1, 2, 3) b USING (acct, currency, amount)
     WHERE n * m <= ${CROWD})
  SELECT x.id, y.id, abs(y.d - x.d), coalesce(x.party = y.party, false), count(*) OVER (PARTITION BY x.id),
         count(*) OVER (PARTITION BY y.id), x.currency, x.amount
    FROM few f
    JOIN wa x ON x.acct = f.acct AND x.currency = f.currency AND x.amount = f.amount
    JOIN wb y ON y.acct = f.acct AND y.currency = f.currency AND y.amount = f.amount
   WHERE y.d BETWEEN x.d - $2::int AND x.d + $3::int AND (x.fresh OR y.fresh) AND ${notRejected('x.id', 'y.id')}`;
/** By itself only where nothing else fits, both name one party, and little is at stake. $1 limit, $2 rule, $3 score */
export const PAIR_NEAR = `
  INSERT INTO pairs
  SELECT uuidv7(), $2::text, $3::int - days, a, b, currency, amount FROM near
   WHERE ca = 1 AND cb = 1 AND same_party AND abs(amount) <= $1::bigint`;

/** A line is offered at most so many others. */
const OFFERED = 5;

/** $1 rule, $2 score of the only one that fits */
export const HINT_NEAR = `
  INSERT INTO hints
  SELECT $1::text, score, ARRAY[a], ARRAY[b], currency, 0,
         jsonb_build_object('days', days, 'sameParty', same_party, 'candidates', cb) FROM (
    SELECT *, row_number() OVER (PARTITION BY b ORDER BY score DESC, a) AS n FROM (
      SELECT *, $2::int - days + CASE WHEN same_party THEN 5 ELSE 0 END
                - CASE WHEN ca = 1 AND cb = 1 THEN 0 ELSE 20 END AS score
        FROM near WHERE NOT EXISTS (SELECT FROM pairs p WHERE p.a = near.a)
          AND NOT EXISTS (SELECT FROM pairs p WHERE p.b = near.b)) scored) ordered
   WHERE n <= ${OFFERED}`;

/** Nearly the amount, and nothing else is. $1 tenant, $2 rule, $3 score, $4 and $5 days, $6 by how much */
export const HINT_TOLERANCE = `
  INSERT INTO hints
  SELECT $2::text, $3::int, ARRAY[a], ARRAY[b], currency, diff, jsonb_build_object('difference', diff::text) FROM (
    SELECT x.id AS a, y.id AS b, x.currency, x.amount - y.amount AS diff, count(*) OVER (PARTITION BY x.id) AS ca,
           count(*) OVER (PARTITION BY y.id) AS cb
      FROM wa x CROSS JOIN (VALUES (-1), (0), (1)) k (n)
      JOIN wb y ON y.acct = x.acct AND y.currency = x.currency
       AND y.amount / ($6::bigint + 1) = x.amount / ($6 + 1) + k.n
     WHERE abs(y.amount - x.amount) BETWEEN 1 AND $6 AND y.d BETWEEN x.d - $4::int AND x.d + $5::int
       AND (x.fresh OR y.fresh) AND ${notRejected('x.id', 'y.id')}
       AND NOT EXISTS (SELECT FROM near WHERE near.a = x.id) AND NOT EXISTS (SELECT FROM near WHERE near.b = y.id)
  ) found
   WHERE ca = 1 AND cb = 1`;

/** What one party owes of one day comes to a line. $1 rule, $2 score, $3 and $4 days */
export const HINT_PARTY_DAY = `
  INSERT INTO hints
  SELECT $1::text, $2::int, g.ids, ARRAY[y.id], g.currency, 0, jsonb_build_object('items', cardinality(g.ids)) FROM (
    SELECT acct, currency, party, d, sum(amount)::bigint AS amount, array_agg(id ORDER BY id) AS ids
      FROM wa WHERE party IS NOT NULL GROUP BY acct, currency, party, d HAVING count(*) BETWEEN 2 AND 100) g
    JOIN wb y ON y.acct = g.acct AND y.currency = g.currency AND y.party = g.party AND y.amount = g.amount
   WHERE y.d BETWEEN g.d - $3::int AND g.d + $4::int`;

/** Lines for which nothing was found, with the few that might make them up. $1 and $2 days, $3 at most so many */
export const FIND_SUBSETS = `
  SELECT y.id::text AS b, y.amount::text AS amount, y.currency, array_agg(x.id::text ORDER BY x.id) AS a,
         array_agg(x.amount::text ORDER BY x.id) AS amounts
    FROM (SELECT * FROM wb WHERE NOT EXISTS (SELECT FROM hints h WHERE wb.id = ANY (h.b)) LIMIT 500) y
    JOIN wa x ON x.acct = y.acct AND x.currency = y.currency AND x.party = y.party AND sign(x.amount) = sign(y.amount)
     AND abs(x.amount) < abs(y.amount) AND y.d BETWEEN x.d - $1::int AND x.d + $2::int
   GROUP BY y.id, y.amount, y.currency HAVING count(*) BETWEEN 2 AND $3::int`;
export const HINT_SUBSETS = `
  INSERT INTO hints
  SELECT $1::text, $2::int, string_to_array(s.a, ',')::bigint[], ARRAY[s.b], s.currency, 0,
         jsonb_build_object('items', cardinality(string_to_array(s.a, ',')))
    FROM unnest($3::bigint[], $4::text[], $5::text[]) s (b, a, currency)`;
