// The rows that billing writes, written by bare SQL: what its rates are compared with. One statement a batch, ids drawn
// by Postgres, every event with the same body.

/** $1 tenant, $2 how many policies, $3 a body: everything that a policy with a first instalment due today writes. */
export const ISSUE = `
  WITH p AS MATERIALIZED (
    SELECT n, uuidv7() AS locator, uuidv7() AS txn, uuidv7() AS schedule, uuidv7() AS premium, uuidv7() AS tax,
           uuidv7() AS invoice FROM generate_series(1, $2::int) AS n
  ), i AS MATERIALIZED (
    SELECT p.*, m, uuidv7() AS id, (current_date + make_interval(months => m))::date AS due
      FROM p CROSS JOIN generate_series(0, 11) AS m
  ), holder AS (
    INSERT INTO policyholders (tenant_id, locator) VALUES ($1, 'holder') ON CONFLICT DO NOTHING
  ), policy AS (
    INSERT INTO policies (tenant_id, locator, policy_number, policyholder_locator, currency, time_zone, billing_method,
      effective_date, expiration_date, plan, collection, payment_method_id, content_hash, created_at)
    SELECT $1, locator, 'BENCH', 'holder', 'USD', 'UTC', 'direct', current_date, current_date + 365, '1year-monthly',
           'automatic', 'pm', sha256('x'), now() FROM p
  ), term AS (
    INSERT INTO policy_terms (tenant_id, policy_locator, number, effective_date, expiration_date, plan, plan_version,
      state) SELECT $1, locator, 1, current_date, current_date + 365, '1year-monthly', 1, 'in_force' FROM p
  ), txn AS (
    INSERT INTO policy_transactions (tenant_id, id, policy_locator, number, type, state, effective_date, version,
      created_at) SELECT $1, txn, locator, 1, 'issue', 'applied', current_date, 1, now() FROM p
  ), charge AS (
    INSERT INTO charges (tenant_id, id, policy_locator, transaction_id, position, category, amount_minor, currency,
      handling, coverage_start, coverage_end)
    SELECT $1, c.id, locator, txn, c.position, c.category, c.amount, 'USD', 'proratable', current_date,
           current_date + 365
      FROM p CROSS JOIN LATERAL (VALUES (premium, 1, 'premium', 28008), (tax, 2, 'tax', 2796))
        AS c (id, position, category, amount)
  ), schedule AS (
    INSERT INTO schedules (tenant_id, id, policy_locator, transaction_id, plan, state, currency, total_minor, version,
      created_at) SELECT $1, schedule, locator, txn, '1year-monthly', 'active', 'USD', 30804, 1, now() FROM p
  ), instalment AS (
    INSERT INTO instalments (tenant_id, id, schedule_id, policy_locator, number, due_on, original_due_on, due_at,
      generate_at, announced_at, period_start, period_end, currency, amount_minor, allocated_minor, written_off_minor,
      balance_minor, state, version)
    SELECT $1, id, schedule, locator, m + 1, due, due, due, due, CASE WHEN m = 0 THEN now() END, due, due + 28, 'USD',
           2567, 0, 0, 2567, CASE WHEN m = 0 THEN 'billed' ELSE 'scheduled' END, CASE WHEN m = 0 THEN 2 ELSE 0 END
           FROM i
  ), line AS (
    INSERT INTO instalment_lines (tenant_id, instalment_id, charge_id, amount_minor)
    SELECT $1, id, l.charge, l.amount FROM i CROSS JOIN LATERAL (VALUES (premium, 2334), (tax, 233)) AS l (charge,
      amount)
  ), counter AS (
    INSERT INTO invoice_counters AS c (tenant_id, last_number) VALUES ($1, $2::int)
    ON CONFLICT (tenant_id) DO UPDATE SET last_number = c.last_number + $2::int RETURNING last_number
  ), invoice AS (
    INSERT INTO invoices (tenant_id, id, number, type, policy_locator, instalment_id, state, currency, issued_on,
      due_on,
      original_due_on, total_minor, allocated_minor, written_off_minor, balance_minor, version)
    SELECT $1, invoice, last_number - n + 1, 'instalment', locator, id, 'open', 'USD', due, due, due, 2567, 0, 0,
      2567, 1
      FROM i, counter WHERE m = 0
  ), item AS (
    INSERT INTO invoice_items (tenant_id, invoice_id, item_no, charge_id, category, amount_minor, allocated_minor)
    SELECT $1, invoice, l.n, l.charge, l.category, l.amount, 0 FROM p CROSS JOIN LATERAL
      (VALUES (1, premium, 'premium', 2334), (2, tax, 'tax', 233)) AS l (n, charge, category, amount)
  ), attempt AS (
    INSERT INTO collection_attempts (tenant_id, instalment_id, attempt_no, policy_locator, state, next_attempt_on,
      next_attempt_at) SELECT $1, id, 1, locator, 'requested', due, due FROM i WHERE m = 0
  ), logged AS (
    INSERT INTO event_log (id, tenant_id, type, subject, sequence, body)
    SELECT uuidv7(), $1, 'invoice.issued', locator::text, e, $3::bytea FROM p CROSS JOIN generate_series(1, 5) AS e
    RETURNING seq, logged_at
  )
  INSERT INTO outbox_queue (seq, logged_at) SELECT seq, logged_at FROM logged`;

const TAKEN = `
  taken AS MATERIALIZED (
    SELECT i.* FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, id) CROSS JOIN LATERAL (
      SELECT i.tenant_id, i.id, i.policy_locator, i.version, i.due_on, i.due_at, i.amount_minor FROM instalments i
       WHERE i.tenant_id = n.tenant_id AND i.id = n.id OFFSET 0) i
  ), locked AS (
    SELECT FROM taken t CROSS JOIN LATERAL (SELECT FROM policies p
      WHERE p.tenant_id = t.tenant_id AND p.locator = t.policy_locator FOR NO KEY UPDATE) p
  )`;
const UPDATED = (set: string) => `
  updated AS (
    UPDATE instalments i SET ${set}, version = i.version + 1 FROM taken t
     WHERE i.tenant_id = t.tenant_id AND i.id = t.id RETURNING 1
  )`;
const LOGGED = (events: number) => `
  logged AS (
    INSERT INTO event_log (id, tenant_id, type, subject, sequence, body)
    SELECT uuidv7(), tenant_id, 'instalment.due', id::text, version + e, $3::bytea
      FROM taken CROSS JOIN generate_series(1, ${events}) AS e RETURNING seq, logged_at
  ), queued AS (
    INSERT INTO outbox_queue (seq, logged_at) SELECT seq, logged_at FROM logged
  )`;

/** $1 tenants and $2 ids of instalments, $3 a body. */
export const ANNOUNCE = `
  WITH ${TAKEN}, ${UPDATED('announced_at = now()')}, ${LOGGED(1)}, dequeued AS (
    DELETE FROM announcement_queue q USING taken t
     WHERE q.tenant_id = t.tenant_id AND q.due_at = t.due_at AND q.id = t.id
  ), asked AS (
    INSERT INTO collection_attempts (tenant_id, instalment_id, attempt_no, policy_locator, state, next_attempt_on,
      next_attempt_at) SELECT tenant_id, id, 1, policy_locator, 'requested', due_on, due_at FROM taken
  )
  SELECT (SELECT count(*) FROM locked), (SELECT count(*) FROM updated)`;

export const BILL = `
  WITH ${TAKEN}, ${UPDATED(`state = 'billed'`)}, ${LOGGED(2)}, counted AS (
    INSERT INTO invoice_counters AS c (tenant_id, last_number)
    SELECT tenant_id, count(*) FROM taken GROUP BY 1 ORDER BY 1
    ON CONFLICT (tenant_id) DO UPDATE SET last_number = c.last_number + excluded.last_number
    RETURNING tenant_id, last_number
  ), numbered AS MATERIALIZED (
    SELECT t.*, uuidv7() AS invoice, last_number + 1 - row_number() OVER (PARTITION BY t.tenant_id) AS number
      FROM taken t JOIN counted USING (tenant_id)
  ), invoice AS (
    INSERT INTO invoices (tenant_id, id, number, type, policy_locator, instalment_id, state, currency, issued_on,
      due_on,
      original_due_on, total_minor, allocated_minor, written_off_minor, balance_minor, version)
    SELECT tenant_id, invoice, number, 'instalment', policy_locator, id, 'open', 'USD', due_on, due_on, due_on,
           amount_minor, 0, 0, amount_minor, 1 FROM numbered
  ), item AS (
    INSERT INTO invoice_items (tenant_id, invoice_id, item_no, charge_id, category, amount_minor, allocated_minor)
    SELECT n.tenant_id, n.invoice, row_number() OVER (PARTITION BY n.invoice), l.charge_id, 'premium', l.amount_minor, 0
      FROM numbered n JOIN instalment_lines l ON l.tenant_id = n.tenant_id AND l.instalment_id = n.id
  )
  SELECT (SELECT count(*) FROM locked), (SELECT count(*) FROM updated)`;

/** $1 tenant, $2 invoices, $3 a body: each invoice is paid whole by a payment of its own. */
export const ALLOCATE = `
  WITH v AS MATERIALIZED (
    SELECT v.*, uuidv7() AS payment, uuidv7() AS batch FROM invoices v
     WHERE v.tenant_id = $1 AND v.id = ANY ($2::uuid[])
  ), received AS (
    INSERT INTO received_payments (tenant_id, locator, currency, amount_minor, state, allocated_minor, unapplied_minor,
      suspended_minor, effective_date)
    SELECT tenant_id, payment, currency, total_minor, 'posted', total_minor, 0, 0, current_date FROM v
  ), allocation AS (
    INSERT INTO allocations (tenant_id, id, batch_id, kind, payment_locator, invoice_id, item_no, amount_minor,
      currency,
      effective_date)
    SELECT v.tenant_id, uuidv7(), batch, 'apply', payment, v.id, t.item_no, t.amount_minor, currency, current_date
      FROM v JOIN invoice_items t ON t.tenant_id = v.tenant_id AND t.invoice_id = v.id
  ), invoice AS (
    UPDATE invoices i SET state = 'paid', allocated_minor = i.total_minor, balance_minor = 0, version = 2
      FROM v WHERE i.tenant_id = v.tenant_id AND i.id = v.id
  ), item AS (
    UPDATE invoice_items t SET allocated_minor = t.amount_minor FROM v
     WHERE t.tenant_id = v.tenant_id AND t.invoice_id = v.id
  ), instalment AS (
    UPDATE instalments i SET state = 'paid', allocated_minor = i.amount_minor, balance_minor = 0,
             version = i.version + 1
      FROM v WHERE i.tenant_id = v.tenant_id AND i.id = v.instalment_id RETURNING i.tenant_id, i.schedule_id,
        i.period_end
  ), schedule AS (
    UPDATE schedules s SET paid_through = i.period_end FROM instalment i
     WHERE s.tenant_id = i.tenant_id AND s.id = i.schedule_id
  ), logged AS (
    INSERT INTO event_log (id, tenant_id, type, subject, sequence, body)
    SELECT uuidv7(), tenant_id, 'invoice.paid', id::text, e, $3::bytea FROM v CROSS JOIN generate_series(1, 3) AS e
    RETURNING seq, logged_at
  )
  INSERT INTO outbox_queue (seq, logged_at) SELECT seq, logged_at FROM logged`;
