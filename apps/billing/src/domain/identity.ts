/** A row of one tenant. */
export interface TenantKey {
  readonly tenantId: string;
  readonly id: string;
}

/** As a map key: ids are unique on their own, but a key that forgot the tenant would be wrong in a way no test sees. */
export function keyOf({ tenantId, id }: TenantKey): string {
  return `${tenantId}/${id}`;
}

/** Each key once: a statement that joins a list finds a row as often as the list names it. */
export function distinct(keys: readonly TenantKey[]): TenantKey[] {
  return [...new Map(keys.map((key) => [keyOf(key), key])).values()];
}
