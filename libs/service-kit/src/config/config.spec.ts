import { IsInt, IsOptional, IsString, Min } from 'class-validator';
import { inspect } from 'node:util';
import { derived, describeConfig, Env } from './env.ts';
import { ConfigError, EXIT_CONFIG, loadConfig, readConfig } from './load-config.ts';
import { Secret } from './secret.ts';
import { ServiceConfig } from './service-config.ts';

class ToyConfig extends ServiceConfig {
  @Env('PORT', 'Port of the toy.', 8099)
  @IsInt()
  override port: number;

  @Env('TOY_KEY', 'The key.')
  toyKey: Secret;

  @Env(
    'TOY_AFTER_MS',
    'How long.',
    derived<ToyConfig>('5000 in development', (c) => (c.environment === 'development' ? 5 : 9)),
  )
  @IsInt()
  @Min(1)
  toyAfterMs: number;

  @Env('TOY_HOSTS', 'Some hosts.', [])
  @IsString({ each: true })
  toyHosts: string[];

  @Env('ALLOW_TEST_CLOCK', 'Whether the test clock works.', false)
  allowTestClock: boolean;

  @Env('TOY_NOTE', 'Anything.')
  @IsOptional()
  @IsString()
  toyNote?: string;
}

const good = {
  ENVIRONMENT: 'development',
  DATABASE_APP_URL: 'postgres://toy_app:dev-secret@127.0.0.1/quittance',
  DATABASE_WORKER_URL: 'postgres://toy_worker:dev-secret@127.0.0.1/quittance',
  NATS_URL: 'nats://toy:dev-secret@127.0.0.1:4222',
  JWKS_URL: 'http://127.0.0.1:8080/.well-known/jwks.json',
  TOY_KEY: 'dev-key',
};

function problemsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(ToyConfig, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

it('reads every type, fills defaults and lets a service override the base', () => {
  const config = readConfig(ToyConfig, {
    ...good,
    TOY_HOSTS: 'a, b',
    ALLOW_TEST_CLOCK: 'true',
    DB_POOL_MAX: '3',
    LOG_LEVEL: ' ',
  });
  expect(config).toBeInstanceOf(ToyConfig);
  expect(config).toMatchObject({
    port: 8099,
    healthPort: 9099,
    host: '127.0.0.1',
    toyAfterMs: 5,
    toyHosts: ['a', 'b'],
    allowTestClock: true,
    dbPoolMax: 3,
    logLevel: 'info',
    role: 'all',
  });
  expect(config.toyKey.reveal()).toBe('dev-key');
  expect(config.toyNote).toBeUndefined();
});

it('reports every problem at once and names variables, not properties', () => {
  const problems = problemsOf({
    ...good,
    PORT: 'abc',
    ROLE: 'boss',
    DB_POOL_MAX: '0',
    TOY_AFTER_MS: '1.5',
    NATS_URL: undefined,
  });
  expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
    'DB_POOL_MAX',
    'NATS_URL',
    'PORT',
    'ROLE',
    'TOY_AFTER_MS',
  ]);
  expect(problems).toContain('PORT: must be a number');
  expect(problems).toContain('NATS_URL: is required');
});

it('says of a secret what is wrong with it without saying what it is', () => {
  const problems = problemsOf({ ...good, DATABASE_APP_URL: 'mysql://u:CANARY@h/db', ALLOW_TEST_CLOCK: 'CANARY' });
  expect(problems).toHaveLength(2);
  expect(problems.join()).not.toContain('CANARY');
});

it('refuses every development secret and switch in production, wherever the secret stands', () => {
  const problems = problemsOf({
    ...good,
    ENVIRONMENT: undefined,
    TOY_KEY: '{"kty":"OKP","kid":"dev-1"}',
    ALLOW_TEST_CLOCK: 'true',
    WEBHOOK_ALLOW_HTTP: 'true',
    WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
  });
  expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
    'ALLOW_TEST_CLOCK',
    'DATABASE_APP_URL',
    'DATABASE_WORKER_URL',
    'NATS_URL',
    'TOY_KEY',
    'WEBHOOK_ALLOWED_CIDRS',
    'WEBHOOK_ALLOW_HTTP',
  ]);
});

it('starts in production with real secrets, switches off and a host named dev', () => {
  const url = (scheme: string) => `${scheme}://toy:f3a9@dev-cluster.internal:5432/quittance`;
  const env = { ...good, ENVIRONMENT: undefined, TOY_KEY: 'f3a9', ALLOW_TEST_CLOCK: 'false', NATS_URL: url('nats') };
  const config = readConfig(ToyConfig, {
    ...env,
    DATABASE_APP_URL: url('postgres'),
    DATABASE_WORKER_URL: url('postgres'),
  });
  expect(config).toMatchObject({ environment: 'production', host: '0.0.0.0', toyAfterMs: 9 });
});

it('never prints a secret', () => {
  const secret = new Secret('CANARY');
  const shown = [
    String(secret),
    ''.concat(secret as never),
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9, showHidden: true }),
  ];
  expect(shown.join()).not.toContain('CANARY');
  expect(inspect(readConfig(ToyConfig, good))).not.toContain('dev-secret');
});

it('describes itself for the documentation', () => {
  const entries = describeConfig(ToyConfig);
  expect(entries.filter(({ name }) => name === 'PORT')).toEqual([
    { name: 'PORT', description: 'Port of the toy.', type: 'number', default: '8099' },
  ]);
  expect(entries.find(({ name }) => name === 'TOY_AFTER_MS')?.default).toBe('5000 in development');
  expect(entries.find(({ name }) => name === 'TOY_KEY')).toEqual({
    name: 'TOY_KEY',
    description: 'The key.',
    type: 'secret',
  });
  expect(entries.every(({ description }) => description.endsWith('.'))).toBe(true);
});

it('ends the process with 78 and every problem on standard error', () => {
  const written: string[] = [];
  const { exit } = process;
  const write = process.stderr.write.bind(process.stderr);
  let code: unknown;
  process.exit = (given: number) => {
    code = given;
    throw new Error('exited');
  };
  process.stderr.write = (text: string) => written.push(text) > 0;
  try {
    expect(() => loadConfig(ToyConfig, {})).toThrow('exited');
  } finally {
    process.exit = exit;
    process.stderr.write = write;
  }
  expect(code).toBe(EXIT_CONFIG);
  for (const name of ['DATABASE_APP_URL', 'NATS_URL', 'JWKS_URL', 'TOY_KEY']) expect(written.join('')).toContain(name);
});
