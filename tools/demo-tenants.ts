// The two tenants of a development stack: the gateway's own generators make their credentials.
import { newId } from '@quittance/service-kit/id';
import { loadFromApp } from './apps.ts';

export interface DemoTenant {
  id: string;
  name: string;
  currency: string;
  clientId: string;
  clientSecret: string;
}

interface Generators {
  newClientId: (environment: string) => string;
  newClientSecret: (environment: string) => string;
}

export async function demoTenants(): Promise<DemoTenant[]> {
  const { newClientId, newClientSecret } = await loadFromApp<Generators>('gateway', 'credentials/credential');
  const tenant = (name: string, currency: string): DemoTenant => ({
    id: newId(),
    name,
    currency,
    clientId: newClientId('dev'),
    clientSecret: newClientSecret('dev'),
  });
  return [tenant('demo', 'USD'), tenant('second', 'EUR')];
}

if (import.meta.main) process.stdout.write(JSON.stringify(await demoTenants()));
