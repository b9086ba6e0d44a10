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
 * Which provider does what. Routes choose where a new token is looked for; everything later goes by name, since a token
 * means something to one provider only. The exception is a standby, which is said to open the same vault: a new attempt
 * goes there while the first is not reached. What was sent once stays where it was sent.
 */
export class Providers {
  private readonly known: ReadonlyMap<string, PaymentProvider>;
  private readonly routes: readonly Route[];

  /** Without routes every provider takes everything, in the order given. */
  constructor(
    providers: readonly PaymentProvider[],
    routes: readonly Route[] = [],
    /** By the name of a provider, the one that knows all of its tokens. */
    private readonly standbys: Readonly<Record<string, string>> = {},
  ) {
    this.known = new Map(providers.map((provider) => [provider.name, provider]));
    const unknown = routes.find(({ provider }) => !this.known.has(provider));
    if (unknown) throw new Error(`PROVIDER_ROUTES names ${unknown.provider}, which is not configured`);
    const isStandby = new Set(Object.values(standbys));
    const everything = providers.filter(({ name }) => !isStandby.has(name)).map(({ name }) => ({ provider: name }));
    this.routes = routes.length > 0 ? routes : everything;
  }

  /** Every provider that is configured. */
  get all(): readonly PaymentProvider[] {
    return [...this.known.values()];
  }

  /** The provider that something was sent to, a token was made at, or a notification claims to come from. */
  byName(name: string): PaymentProvider {
    return this.known.get(name) ?? new AbsentProvider(name);
  }

  /** To whom a new attempt with a token of this provider goes. */
  senderOf(name: string): string {
    const standby = this.standbyOf(name);
    return standby?.isAvailable && !this.byName(name).isAvailable ? standby.name : name;
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
        const description = await this.ask(provider, token);
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

  /** A token is the provider's own, whoever of the two could be asked about it. */
  private async ask(provider: PaymentProvider, token: string): Promise<Description> {
    const standby = this.standbyOf(provider.name);
    try {
      return await provider.describe(token);
    } catch (error) {
      if (!(error instanceof ProviderUnavailable) || standby === undefined) throw error;
      return standby.describe(token);
    }
  }

  private standbyOf(name: string): PaymentProvider | undefined {
    const standby = this.standbys[name];
    return standby === undefined ? undefined : this.known.get(standby);
  }

  private allowed(description: Description, name: string, need: Need): Description {
    if (description.kind !== 'instrument') return description;
    const { type } = description.instrument;
    if (this.for({ ...need, type }).some((provider) => provider.name === name)) return description;
    return { kind: 'not_available', detail: `${type} is not taken here` };
  }
}
