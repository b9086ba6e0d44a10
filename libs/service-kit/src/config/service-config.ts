import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, IsUrl, Matches, Max, Min, ValidateBy } from 'class-validator';
import { hostname } from 'node:os';
import { derived, Env } from './env.ts';
import { Secret } from './secret.ts';

const roles = ['all', 'api', 'worker'] as const;
export type Role = (typeof roles)[number];

/** A secret that is a URL of one of these schemes; the message never repeats it. */
export function IsSecretUrl(...schemes: string[]): PropertyDecorator {
  const message = `must be a URL that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`;
  const validate = (value: unknown) =>
    value instanceof Secret &&
    schemes.some((scheme) => value.reveal().startsWith(`${scheme}://`)) &&
    URL.canParse(value.reveal());
  return ValidateBy({ name: 'isSecretUrl', validator: { validate, defaultMessage: () => message } });
}

/** What every service reads from its environment. A service's `config.ts` extends it. */
export class ServiceConfig {
  @Env('ENVIRONMENT', 'development or production; production refuses development secrets and switches.', 'production')
  @IsIn(['development', 'production'])
  environment: 'development' | 'production';

  @Env('ROLE', 'What this process does: api (HTTP), worker (consumers, relay, sweeps) or all.', 'all')
  @IsIn(roles)
  role: Role;

  @Env(
    'INSTANCE_ID',
    "A name that stays with this instance; in Kubernetes the pod's name.",
    derived('hostname', hostname),
  )
  @Matches(/^[\w.-]{1,128}$/)
  instanceId: string;

  @Env(
    'HOST',
    'Address that the HTTP ports listen on.',
    derived<ServiceConfig>('127.0.0.1 in development, 0.0.0.0 in production', ({ environment }) =>
      environment === 'development' ? '127.0.0.1' : '0.0.0.0',
    ),
  )
  @IsString()
  host: string;

  @Env('PORT', 'Port of the HTTP API; 0 takes a free one.', 8080)
  @IsInt()
  @Min(0)
  @Max(65_535)
  port: number;

  @Env(
    'HEALTH_PORT',
    'Port of the probes and of /metrics; 0 takes a free one.',
    derived<ServiceConfig>('PORT + 1000', ({ port }) => (port === 0 ? 0 : port + 1000)),
  )
  @IsInt()
  @Min(0)
  @Max(65_535)
  healthPort: number;

  @Env('DATABASE_APP_URL', 'Postgres URL of the role that serves HTTP, one tenant per transaction.')
  @IsSecretUrl('postgres', 'postgresql')
  databaseAppUrl: Secret;

  @Env('DATABASE_WORKER_URL', 'Postgres URL of the role of consumers, relay and sweeps.')
  @IsSecretUrl('postgres', 'postgresql')
  databaseWorkerUrl: Secret;

  @Env('DB_POOL_MAX', 'Connections of each of the two pools, at most.', 10)
  @IsInt()
  @Min(1)
  @Max(200)
  dbPoolMax: number;

  @Env('NATS_URL', "URL of the NATS server with this service's user and password.")
  @IsSecretUrl('nats', 'tls', 'ws', 'wss')
  natsUrl: Secret;

  @Env('JWKS_URL', 'Where the public keys of the internal tokens are; the gateway serves them.')
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  jwksUrl: string;

  @Env('TOKEN_ISSUER', 'The iss claim that an internal token must have.', 'quittance')
  @IsNotEmpty()
  tokenIssuer: string;

  @Env('LOG_LEVEL', 'fatal, error, warn, info, debug, trace or silent.', 'info')
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  logLevel: string;

  @Env('PROBLEMS_URL', 'Base of the type of every problem document; the code is appended.', '/docs/problems/')
  @IsString()
  problemsUrl: string;

  @Env('BODY_LIMIT_BYTES', 'Largest request body that is read.', 1_048_576)
  @IsInt()
  @Min(1_024)
  bodyLimitBytes: number;

  @Env('TRUST_PROXY', 'Addresses or CIDRs of the proxies whose X-Forwarded-For is believed, comma separated.')
  @IsOptional()
  @IsString({ each: true })
  trustProxy?: string[];

  @Env('SHUTDOWN_BUDGET_MS', 'Time from the stop signal to the hard exit; keep it below the grace period.', 45_000)
  @IsInt()
  @Min(100)
  shutdownBudgetMs: number;

  @Env('DRAIN_HTTP_MS', 'Part of the budget for requests in flight.', 20_000)
  @IsInt()
  @Min(10)
  drainHttpMs: number;

  @Env('DRAIN_WORK_MS', 'Part of the budget for consumers, workers and the last run of the relay.', 15_000)
  @IsInt()
  @Min(10)
  drainWorkMs: number;
}
