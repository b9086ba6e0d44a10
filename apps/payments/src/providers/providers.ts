import { AbsentProvider } from './absent.provider.ts';
import { ProviderUnavailable } from './provider.ts';
import type { Description, PaymentProvider } from './provider.ts';
import { fits } from './routes.ts';
import type { Need, Route } from './routes.ts';

export interface Described {
  readonly provider: string;
  readonly description: Description;
}

/**
 * Which provider does what. A token means something to one provider only, so nothing is ever charged elsewhere than
 * where its token was made: routes choose where a new token is looked for, and everything later goes by name.
 */
export class Providers {
  private readonly known: ReadonlyMap<string, PaymentProvider>;
  private readonly routes: readonly Route[];

  /** Without routes every provider takes everything, in the order given. */
  constructor(providers: readonly PaymentProvider[], routes: readonly Route[] = []) {
    this.known = new Map(providers.map((provider) => [provider.name, provider]));
    const unknown = routes.find(({ provider }) => !this.known.has(provider));
    if (unknown) throw new Error(`PROVIDER_ROUTES names ${unknown.provider}, which is not configured`);
    this.routes = routes.length > 0 ? routes : providers.map(({ name }) => ({ provider: name }));
  }

  /** Every provider that is configured. */
  get all(): readonly PaymentProvider[] {
    return [...this.known.values()];
  }

  /** The provider that something was sent to, a token was made at, or a notification claims to come from. */
  byName(name: string): PaymentProvider {
    return this.known.get(name) ?? new AbsentProvider(name);
  }

  /** Who may take this money, first choice first. */
  for(need: Need): readonly PaymentProvider[] {
    const names = new Set(this.routes.filter((route) => fits(route, need)).map(({ provider }) => provider));
    return [...names].map((name) => this.byName(name));
  }

  /**
   * What a new token stands for, and at whom: the first who knows it.
   * @throws ProviderUnavailable when nobody knows it, and somebody who might was not reached
   */
  async describe(token: string, need: Need): Promise<Described> {
    let missed: ProviderUnavailable | undefined;
    for (const provider of this.for(need)) {
      try {
        const description = await provider.describe(token);
        if (description.kind === 'unknown_token') continue;
        return { provider: provider.name, description: this.allowed(description, provider.name, need) };
      } catch (error) {
        if (!(error instanceof ProviderUnavailable)) throw error;
        missed ??= error;
      }
    }
    if (missed) throw missed;
    return { provider: 'none', description: { kind: 'unknown_token' } };
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((provider) => provider.close()));
  }

  private allowed(description: Description, name: string, need: Need): Description {
    if (description.kind !== 'instrument') return description;
    const { type } = description.instrument;
    if (this.for({ ...need, type }).some((provider) => provider.name === name)) return description;
    return { kind: 'not_available', detail: `${type} is not taken here` };
  }
}
