import type { HoldTarget } from '../domain/hold.ts';

/** Whether the hold `h` is of the policy `p`, of one tenant. */
export const fits = `(h.policy_locator IS NULL OR h.policy_locator = p.locator)
       AND (h.jurisdiction IS NULL OR h.jurisdiction = p.jurisdiction)
       AND (h.line IS NULL OR h.line = p.line)
       AND (h.producer_id IS NULL OR h.producer_id = p.producer_id)`;

/**
 * Whether a hold stops `target` of the policy `p` on a date, for the WHERE of a sweep: what is held is not a candidate,
 * so that nothing is claimed in vain. `on` is an expression of a policy-local date, a due date, or today.
 */
export function held(target: HoldTarget, on: string): string {
  // What was held of invoicing stays so until it is caught up with: `catch-up/`.
  const isOpen = target === 'invoicing' ? `h.invoicing_step <> 'caught_up'` : 'true';
  return `EXISTS (
    SELECT FROM holds h
     WHERE h.tenant_id = p.tenant_id AND '${target}' = ANY (h.targets) AND ${isOpen}
       AND h.starts_on <= ${on} AND (h.ends_on IS NULL OR h.ends_on > ${on})
       AND ${fits})`;
}
