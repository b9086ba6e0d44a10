/**
 * SQL of the plan that counts for a debt of the currency of `v`, of the policy `p`, on a date: the most particular, and
 * of those the newest, as `delinquencyPlanFor` picks it.
 * @param on SQL of a date
 */
export function planInForce(columns: string, on: string): string {
  return `
    SELECT ${columns} FROM delinquency_plans r
     WHERE r.tenant_id = v.tenant_id AND r.currency = v.currency
       AND (r.jurisdiction IS NULL OR r.jurisdiction = p.jurisdiction) AND (r.line IS NULL OR r.line = p.line)
       AND r.effective_from <= ${on} AND (r.effective_to IS NULL OR r.effective_to > ${on})
     ORDER BY (r.jurisdiction IS NOT NULL) DESC, (r.line IS NOT NULL) DESC, r.effective_from DESC, r.id DESC LIMIT 1`;
}
