import { AbsentProvider } from './absent.provider.ts';
import type { Instrument } from '../domain/payment-method.ts';
import { chargeOf } from './provider.contract.ts';
import { ProviderUnavailable } from './provider.ts';
import type { Description } from './provider.ts';
import { Providers } from './providers.ts';
import { parseRoutes } from './routes.ts';

const [alpha, beta] = ['01890000-0000-7000-8000-00000000000a', '01890000-0000-7000-8000-00000000000b'];
const instrumentOf = (type: Instrument['type']): Description => ({
  kind: 'instrument',
  instrument: { type, brand: null, last4: '4242', expiresOn: null, currency: null, fingerprint: null, mandate: null },
});

/** Knows the tokens that begin with its name; the rest of a token says how it answers. */
class Knows extends AbsentProvider {
  override describe(token: string): Promise<Description> {
    const [name, what] = token.split(' ');
    if (what === 'down') return Promise.reject(new ProviderUnavailable('ECONNREFUSED'));
    if (name !== this.name) return Promise.resolve({ kind: 'unknown_token' });
    return Promise.resolve(instrumentOf(what === 'ach' ? 'ach' : 'card'));
  }
}
/** Nobody could ask it. */
class Down extends AbsentProvider {
  override describe(): Promise<Description> {
    return Promise.reject(new ProviderUnavailable('ECONNREFUSED'));
  }
}

const one = new Knows('one');
const two = new Knows('two');
const namesFor = (providers: Providers, need: Parameters<Providers['for']>[0]) =>
  providers.for(need).map(({ name }) => name);

describe('routes', () => {
  it('take every provider for everything when there are none', () => {
    expect(namesFor(new Providers([one, two]), { tenantId: alpha, currency: 'EUR', type: 'ach' })).toEqual([
      'one',
      'two',
    ]);
  });

  it.each([
    [{ tenantId: alpha, currency: 'USD' }, ['two', 'one']],
    [{ tenantId: alpha, currency: 'EUR' }, ['one']],
    [{ tenantId: beta, currency: 'USD' }, ['one']],
    [{ tenantId: beta, currency: 'USD', type: 'ach' as const }, []],
    [{ tenantId: alpha, currency: 'USD', type: 'ach' as const }, ['two']],
    [{ tenantId: alpha }, ['two', 'one']],
  ])('choose by tenant, currency and type: %j', (need, names) => {
    const routes = [
      { provider: 'two', tenants: [alpha], currencies: ['USD'] },
      { provider: 'one', types: ['card'] as const },
    ];
    expect(namesFor(new Providers([one, two], routes), need)).toEqual(names);
  });

  it('name only providers that are configured', () => {
    expect(() => new Providers([one], [{ provider: 'two' }])).toThrow('PROVIDER_ROUTES names two');
  });

  it('are read from JSON', () => {
    const routes = [{ provider: 'one', tenants: [alpha], currencies: ['USD'], types: ['card'] }, { provider: 'two' }];
    expect(parseRoutes(JSON.stringify(routes))).toEqual(routes);
    expect(parseRoutes(' ')).toEqual([]);
  });

  it.each([
    ['no JSON', 'sandbox'],
    ['no list', '{}'],
    ['no provider', '[{"types":["card"]}]'],
    ['an unknown word', '[{"provider":"one","type":["card"]}]'],
    ['an unknown type', '[{"provider":"one","types":["cash"]}]'],
    ['a currency in lower case', '[{"provider":"one","currencies":["usd"]}]'],
    ['a tenant that is no id', '[{"provider":"one","tenants":["demo"]}]'],
  ])('are refused: %s', (_what, text) => expect(() => parseRoutes(text)).toThrow());
});

describe('a name', () => {
  it('leads to its provider, and one that is no longer configured to somebody who leaves everything open', async () => {
    const providers = new Providers([one, two]);
    expect(providers.byName('two')).toBe(two);
    const gone = providers.byName('gone');
    const question = { key: 'k', operation: 'charge', chargeRef: null, tenantId: alpha, businessOn: null } as const;
    expect(await gone.lookup(question)).toMatchObject({ kind: 'unknown' });
    expect(await gone.charge(chargeOf('one card'))).toMatchObject({ kind: 'never_reached' });
  });
});

describe('a new token', () => {
  const need = { tenantId: alpha, currency: 'USD' };

  it('belongs to the first who knows it', async () => {
    const providers = new Providers([one, two]);
    expect(await providers.describe('two card', need)).toEqual({ provider: 'two', description: instrumentOf('card') });
  });

  it('is found behind a provider that is not reached', async () => {
    const providers = new Providers([new Down('down'), two]);
    expect(await providers.describe('two card', need)).toMatchObject({ provider: 'two' });
  });

  it('is not called unknown while somebody who may know it was not reached', async () => {
    const providers = new Providers([new Down('down'), two]);
    await expect(providers.describe('one card', need)).rejects.toBeInstanceOf(ProviderUnavailable);
  });

  it('is unknown when everybody says so', async () => {
    const answer = await new Providers([one, two]).describe('three card', need);
    expect(answer.description).toEqual({ kind: 'unknown_token' });
  });

  it('of a kind that its provider is not meant to take here is not available', async () => {
    const providers = new Providers([one], [{ provider: 'one', types: ['card'] }]);
    expect((await providers.describe('one ach', need)).description).toMatchObject({ kind: 'not_available' });
  });
});

describe('a standby', () => {
  class Resting extends Down {
    override get isAvailable(): boolean {
      return false;
    }
  }
  const need = { tenantId: alpha, currency: 'USD' };
  const standbys = { one: 'two' };

  it('takes no new attempt while the first is there', () => {
    expect(new Providers([one, two], [], standbys).senderOf('one')).toBe('one');
  });

  it('takes new attempts while the first is not reached', () => {
    expect(new Providers([new Resting('one'), two], [], standbys).senderOf('one')).toBe('two');
  });

  it.each([
    ['is not reached either', [new Resting('one'), new Resting('two')]],
    ['is not configured', [new Resting('one')]],
  ])('takes none when it %s', (_what, providers) => {
    expect(new Providers(providers, [], standbys).senderOf('one')).toBe('one');
  });

  it('takes none of a provider whose tokens it does not know', () => {
    expect(new Providers([new Resting('one'), two]).senderOf('one')).toBe('one');
  });

  it('is asked what a token is, which stays a token of the first', async () => {
    class Vault extends Knows {
      override describe(): Promise<Description> {
        return Promise.resolve(instrumentOf('card'));
      }
    }
    const providers = new Providers([new Down('one'), new Vault('two')], [], standbys);
    expect(await providers.describe('one card', need)).toEqual({ provider: 'one', description: instrumentOf('card') });
  });

  it('is nobody to look for new tokens at', () => {
    expect(namesFor(new Providers([one, two], [], standbys), need)).toEqual(['one']);
  });
});
