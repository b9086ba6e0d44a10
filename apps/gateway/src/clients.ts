import { parseArgs } from 'node:util';
import { withClients } from './commands.ts';
import type { ClientsService } from './clients/clients.service.ts';
import { scopes } from './routes.ts';

const USAGE = `clients.ts tenant --id <uuid> --name <text> --currency <code>
clients.ts create --tenant <uuid> --name <text> [--scopes a,b]   prints id and secret: the secret is shown this once
clients.ts rotate --client <id> [--overlap-days 7]               a second secret; the old one ends after the overlap
clients.ts revoke --client <id>                                  running gateways follow within a minute

DATABASE_WORKER_URL and CREDENTIAL_PEPPER are as for the gateway; ENVIRONMENT names the new id's environment.
`;

type Arguments = Record<string, string | undefined>;

const options = Object.fromEntries(
  ['id', 'tenant', 'client', 'name', 'currency', 'scopes', 'overlap-days'].map((name) => [
    name,
    { type: 'string' as const },
  ]),
);

/** The operator's command. Answers what to print: JSON, so that a pipe can put a secret where it belongs. */
export async function run(clients: ClientsService, command: string, given: Arguments, environment: string) {
  const need = (name: string): string => {
    const value = given[name];
    if (value === undefined) throw new Error(`--${name} is missing\n${USAGE}`);
    return value;
  };
  switch (command) {
    case 'tenant': {
      const tenant = { id: need('id'), name: need('name'), currency: need('currency') };
      await clients.putTenant(tenant);
      return tenant;
    }
    case 'create': {
      const granted = given['scopes']?.split(',') ?? [...scopes];
      const unknown = granted.filter((scope) => !(scopes as readonly string[]).includes(scope));
      if (unknown.length > 0) throw new Error(`unknown scopes: ${unknown.join(', ')}; there are ${scopes.join(', ')}`);
      return clients.create({ tenantId: need('tenant'), name: need('name'), scopes: granted }, environment);
    }
    case 'rotate':
      return clients.rotate(need('client'), Number(given['overlap-days'] ?? 7), new Date());
    case 'revoke':
      await clients.revoke(need('client'));
      return { clientId: need('client'), revoked: true };
    default:
      throw new Error(USAGE);
  }
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options });
  const { DATABASE_WORKER_URL: workerUrl, CREDENTIAL_PEPPER: pepper, ENVIRONMENT: environment } = process.env;
  if (!workerUrl || !pepper) throw new Error(`DATABASE_WORKER_URL and CREDENTIAL_PEPPER must be set\n${USAGE}`);
  const label = environment === 'development' ? 'dev' : 'live';
  const answer = await withClients({ workerUrl, pepper }, (clients) =>
    run(clients, positionals[0] ?? '', values, label),
  );
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
