/** Enough to look into; how many more there are does not change what is to be done. */
export const LISTED_MAX = 100;

/**
 * What must hold of the books at every commit, whatever happened before. The statement finds the places where it does
 * not: `tenant_id` and `subject`, an entry, a dispute, a currency. One that asks for `$1` is given the time from which
 * on entries are to be added up one by one; null means all that there are.
 */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly sql: string;
}
