import type { Instrument } from '../domain/payment-method.ts';

/** Where a provider takes money; what is absent does not restrict. */
export interface Route {
  readonly provider: string;
  readonly tenants?: readonly string[];
  readonly currencies?: readonly string[];
  readonly types?: readonly Instrument['type'][];
}

/** What money is asked for; what is not known yet does not restrict. */
export interface Need {
  readonly tenantId: string;
  readonly currency?: string | undefined;
  readonly type?: Instrument['type'] | undefined;
}

const lists: Readonly<Record<string, RegExp>> = {
  tenants: /^[0-9a-f-]{36}$/,
  currencies: /^[A-Z]{3}$/,
  types: /^(card|ach)$/,
};

/** @throws Error where the text is not a list of routes */
export function parseRoutes(text: string): readonly Route[] {
  if (text.trim() === '') return [];
  const routes: unknown = JSON.parse(text);
  if (!Array.isArray(routes) || !routes.every(isRoute)) throw new Error('not a list of routes');
  return routes;
}

function isRoute(value: unknown): value is Route {
  if (typeof value !== 'object' || value === null) return false;
  return (
    Object.entries(value).every(([name, entry]) => {
      if (name === 'provider') return typeof entry === 'string' && entry !== '';
      const pattern = lists[name];
      return pattern !== undefined && Array.isArray(entry) && entry.every((each) => pattern.test(String(each)));
    }) && 'provider' in value
  );
}

export function fits({ tenants, currencies, types }: Route, { tenantId, currency, type }: Need): boolean {
  return (
    (tenants === undefined || tenants.includes(tenantId)) &&
    (currencies === undefined || currency === undefined || currencies.includes(currency)) &&
    (types === undefined || type === undefined || types.includes(type))
  );
}
