// The two tenants of a development stack, each with a partner: the gateway's own generators make their credentials.
import { newId } from '@quittance/service-kit/id';
import { loadFromApp } from './apps.ts';

export interface DemoTenant {
  id: string;
  name: string;
  currency: string;
  clientId: string;
  clientSecret: string;
  /** Who signs requests below /x/, and with what. */
  partnerId: string;
  apiKey: string;
  apiSecret: string;
}

interface Generators {
  newClientId: (environment: string) => string;
  newClientSecret: (environment: string) => string;
  newApiKey: (environment: string) => string;
  newApiSecret: (environment: string) => string;
}

export async function demoTenants(): Promise<DemoTenant[]> {
  const make = await loadFromApp<Generators>('gateway', 'credentials/credential');
  const tenant = (name: string, currency: string): DemoTenant => ({
    id: newId(),
    name,
    currency,
    clientId: make.newClientId('dev'),
    clientSecret: make.newClientSecret('dev'),
    partnerId: `${name}-partner`,
    apiKey: make.newApiKey('dev'),
    apiSecret: make.newApiSecret('dev'),
  });
  return [tenant('demo', 'USD'), tenant('second', 'EUR')];
}

if (import.meta.main) process.stdout.write(JSON.stringify(await demoTenants()));
