import { anyText, arrayOf, object, plain, unlessNull } from '@quittance/service-kit/messaging/sql-json';

const line = object({
  account: plain('l.account'),
  amount: plain('l.amount_minor::text'),
  currency: plain('l.currency::text'),
  policyLocator: unlessNull(anyText('l.policy_locator')),
  paymentLocator: unlessNull(anyText('l.payment_locator')),
  invoiceLocator: unlessNull(anyText('l.invoice_locator')),
  party: unlessNull(anyText('l.party')),
});
const keyOf = (e: string) => ({
  kind: anyText(`${e}.kind`),
  source: object({ type: anyText(`${e}.source_type`), id: anyText(`${e}.source_id`) }),
});

/**
 * What of an entry is hashed, as JSON text: all that it says, and nothing that another run of the same events would
 * make differently. So an entry is named by its kind and source, not by its id, and has no time of
 * booking. A test puts it together by other means.
 *
 * Over `e`, its original `o`, and its lines `l` below it.
 */
export const CANONICAL = object({
  tenant: plain('e.tenant_id'),
  ...keyOf('e'),
  effectiveOn: plain('e.effective_on::text'),
  originalEffectiveOn: unlessNull(plain('e.original_effective_on::text')),
  reverses: unlessNull(`CASE WHEN e.reverses IS NOT NULL THEN ${object(keyOf('o'))} END`),
  description: unlessNull(anyText('e.description')),
  bookedBy: unlessNull(anyText('e.booked_by')),
  lines: `(SELECT ${arrayOf(line, 'l.n')} FROM journal_lines l WHERE l.tenant_id = e.tenant_id AND l.entry_id = e.id)`,
});

/** The hash of a leaf of the tree. */
export const LEAF = `sha256('\\x00'::bytea || convert_to(${CANONICAL}, 'UTF8'))`;

export const WITH_ORIGINAL = `journal_entries e
  LEFT JOIN journal_entries o ON o.tenant_id = e.tenant_id AND o.id = e.reverses`;
