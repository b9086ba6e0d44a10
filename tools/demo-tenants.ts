// The two tenants of a development stack, as JSON: the gateway's own generators make their credentials.
import { newId } from '@quittance/service-kit/id';
import { newClientId, newClientSecret } from '../apps/gateway/src/credentials/credential.ts';

const tenant = (name: string, currency: string) => ({
  id: newId(),
  name,
  currency,
  clientId: newClientId('dev'),
  clientSecret: newClientSecret('dev'),
});

process.stdout.write(JSON.stringify([tenant('demo', 'USD'), tenant('second', 'EUR')]));
