import { unitSql, wireSql } from '@quittance/money/wire-sql';
import {
  anyText,
  arrayOf,
  integer,
  object,
  orNull,
  plain,
  unlessNull,
} from '@quittance/service-kit/messaging/sql-json';

const amount = (minor: string) => wireSql(minor, 'u.unit', 'i.currency');

const line = object({
  category: plain('t.category'),
  code: unlessNull(anyText('t.code')),
  amount: amount('t.amount_minor'),
});

/** What an event says of an instalment `i` itself, but its key and version. */
export const INSTALMENT = `
  i.schedule_id, i.policy_locator, i.number, i.source, i.due_on, i.original_due_on, i.period_start, i.period_end,
  i.currency, i.amount_minor, i.balance_minor, i.state, i.autopay_on, i.autopay_at`;

/**
 * What belongs to a billed instalment `i`: its policy `p`, schedule `s`, invoice `v`, the currency's unit and the lines
 * of the bill. Looked up by whole keys, row by row, as in receivable.repository.ts.
 */
export const BILLED_JOINS = `
   CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = i.tenant_id AND p.locator = i.policy_locator OFFSET 0) p
   CROSS JOIN LATERAL (
    SELECT * FROM schedules s WHERE s.tenant_id = i.tenant_id AND s.id = i.schedule_id OFFSET 0) s
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v WHERE v.tenant_id = i.tenant_id AND v.instalment_id = i.id OFFSET 0) v
   CROSS JOIN LATERAL (SELECT ${unitSql('i.currency')} AS unit OFFSET 0) u
   CROSS JOIN LATERAL (
    SELECT ${arrayOf(line, 't.item_no')} AS lines
      FROM invoice_items t WHERE t.tenant_id = i.tenant_id AND t.invoice_id = v.id) l`;

/**
 * `data` of an event that starts a charge, over the rows of BILLED_JOINS: what `dueData` says of the same instalment.
 * @param attempt SQL of a number
 */
export function dueDataSql(attempt: string): string {
  return object({
    instalmentId: plain('i.id'),
    scheduleId: plain('i.schedule_id'),
    number: integer('i.number'),
    source: plain('i.source'),
    dueOn: plain('i.due_on'),
    originalDueOn: plain('i.original_due_on'),
    periodStart: plain('i.period_start'),
    periodEnd: plain('i.period_end'),
    amount: amount('i.amount_minor'),
    balance: amount('i.balance_minor'),
    lines: 'l.lines',
    state: plain('i.state'),
    paidThrough: orNull(plain('s.paid_through')),
    policyLocator: plain('i.policy_locator'),
    policyholderLocator: anyText('p.policyholder_locator'),
    invoiceLocator: plain('v.id'),
    collection: plain('p.collection'),
    paymentMethodId: unlessNull(anyText('p.payment_method_id')),
    attempt: integer(attempt),
    autopayOn: unlessNull(plain('i.autopay_on')),
  });
}
