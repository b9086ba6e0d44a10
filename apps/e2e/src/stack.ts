import pg from 'pg';
import { Api } from '@quittance/testing/api';
import { PartnerApi } from '@quittance/testing/partner-api';
import type { Signing } from '@quittance/testing/partner-api';
import type { NatsUser } from '@quittance/events/topology';
import type { StackInfo } from '../../../tools/stack.mjs';

export type Tenant = StackInfo['tenants'][number];

export interface RunningStack {
  info: StackInfo;
  natsUrls: Record<NatsUser, string>;
  /** The tenant of the story, US dollars. */
  demo: Tenant;
  /** Another tenant, euros. */
  second: Tenant;
  /** A tenant that nobody but one test writes to. */
  idle: Tenant;
  /** A client of `demo` without a scope that any route takes. */
  powerless: Tenant;
  /** A tenant of its own for tests that walk through a year, US dollars. */
  subscriber: Tenant;
  /** A tenant of its own for the test that closes a month, US dollars. */
  bookkeeper: Tenant;
  secretsFile: string;
  logs: string;
  collectorUrl: string;
}

/** The stack of this run, as the global set-up left it in the environment. */
export const stack = JSON.parse(process.env['E2E_STACK'] ?? '{}') as RunningStack;

export const credentials = ({ clientId, clientSecret }: Tenant): Record<string, string> => ({
  'x-client-id': clientId,
  'x-client-secret': clientSecret,
});

/** The public API as a client of that tenant. */
export const apiOf = (tenant: Tenant): Api => new Api(stack.info.gatewayUrl, credentials(tenant));

/** The public API as the partner of that tenant: every request is signed. */
export const partnerApiOf = (tenant: Tenant, signing?: Signing): PartnerApi =>
  new PartnerApi(stack.info.gatewayUrl, tenant, signing);

/** Whoever may call a path: the tenant's partner below `/x/`, its client anywhere else. */
export const callerOf = (path: string, tenant: Tenant): Api =>
  path.startsWith('/x/') ? partnerApiOf(tenant) : apiOf(tenant);

/** A path of the document with that id in it, and below `/x/` with the tenant's partner. */
export const pathOf = (path: string, tenant: Tenant, id: string): string =>
  path.replace('{partner_id}', tenant.partnerId).replace(/\{\w+\}/g, id);

/** Work as the administrator, who sees all rows. */
export async function asAdministrator<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: stack.info.databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
