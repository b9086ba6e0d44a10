import { parseArgs } from 'node:util';
import type { ApiKeysService } from './api-keys/api-keys.service.ts';
import { withApiKeys } from './commands.ts';
import { isPartnerId } from './credentials/credential.ts';
import { PARTNER_SCOPES, scopes } from './routes.ts';
import { algorithms, profiles } from './signatures/profile.ts';

const USAGE = `api-keys.ts create --tenant <uuid> --partner <id> [--profile strict] [--algorithms a,b] [--scopes a,b]
                                                     prints key and secret: the secret is shown this once
api-keys.ts rotate --key <key> [--overlap-days 7]    a second secret; the old one ends after the overlap
api-keys.ts revoke --key <key>                       running gateways follow within a minute

profiles: ${profiles.join(', ')}; algorithms: ${algorithms.join(', ')}
DATABASE_WORKER_URL and API_SECRETS_KEY are as for the gateway; ENVIRONMENT names the new key's environment.
`;

type Arguments = Record<string, string | undefined>;

const options = Object.fromEntries(
  ['tenant', 'partner', 'key', 'profile', 'algorithms', 'scopes', 'overlap-days'].map((name) => [
    name,
    { type: 'string' as const },
  ]),
);

/** The operator's command. Answers what to print: JSON, so that a pipe can put a secret where it belongs. */
export async function run(keys: ApiKeysService, command: string, given: Arguments, environment: string) {
  const need = (name: string): string => {
    const value = given[name];
    if (value === undefined) throw new Error(`--${name} is missing\n${USAGE}`);
    return value;
  };
  switch (command) {
    case 'create': {
      const partnerId = need('partner');
      if (!isPartnerId(partnerId)) throw new Error('--partner is 1 to 64 letters, digits, - and _');
      return keys.create(
        {
          tenantId: need('tenant'),
          partnerId,
          profile: chosen('profile', [given['profile'] ?? 'strict'], profiles)[0]!,
          algorithms: chosen('algorithms', given['algorithms']?.split(',') ?? algorithms, algorithms),
          scopes: chosen('scopes', given['scopes']?.split(',') ?? PARTNER_SCOPES, scopes),
        },
        environment,
      );
    }
    case 'rotate':
      return keys.rotate(need('key'), Number(given['overlap-days'] ?? 7), new Date());
    case 'revoke':
      await keys.revoke(need('key'));
      return { apiKey: need('key'), revoked: true };
    default:
      throw new Error(USAGE);
  }
}

function chosen<T extends string>(name: string, values: readonly string[], known: readonly T[]): T[] {
  const unknown = values.filter((value) => !(known as readonly string[]).includes(value));
  if (unknown.length > 0) throw new Error(`unknown ${name}: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return values as T[];
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options });
  const { DATABASE_WORKER_URL: workerUrl, API_SECRETS_KEY: apiSecretsKey, ENVIRONMENT: environment } = process.env;
  if (!workerUrl || !apiSecretsKey) throw new Error(`DATABASE_WORKER_URL and API_SECRETS_KEY must be set\n${USAGE}`);
  const label = environment === 'development' ? 'dev' : 'live';
  const answer = await withApiKeys({ workerUrl, apiSecretsKey }, (keys) =>
    run(keys, positionals[0] ?? '', values, label),
  );
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
