// What each service of a development stack gets in its environment. Values of production come from its own deployment.
import { nodeOptions, services } from './services.mjs';

export const address = (port) => `http://127.0.0.1:${port}`;

/** The URL of the administrator's database for another login. */
export function databaseUrlFor(adminUrl, login, password) {
  const url = new URL(adminUrl);
  url.username = login;
  url.password = password;
  return url.href;
}

const own = {
  gateway: ({ options, secrets }) => ({
    SIGNING_KEY: JSON.stringify(secrets.signingKey),
    CREDENTIAL_PEPPER: secrets.credentialPepper,
    API_SECRETS_KEY: secrets.apiSecretsKey,
    PUBLIC_URL: address(options.ports.http.gateway),
    ...Object.fromEntries(
      services
        .filter(({ name }) => name !== 'gateway')
        .map(({ name }) => [`${name.toUpperCase()}_URL`, address(options.ports.http[name])]),
    ),
  }),
  payments: ({ options, secrets }) => ({
    PUBLIC_URL: address(options.ports.http.gateway),
    ALLOW_TEST_CLOCK: 'true',
    PROVIDER_SANDBOX_URL: address(options.ports.sandbox),
    PROVIDER_SANDBOX_SECRET: secrets.sandboxSecret,
    // decided in development after 5 s, in production after 5 min
    UNKNOWN_RESOLVE_AFTER_MS: '5000',
  }),
  billing: () => ({ ALLOW_TEST_CLOCK: 'true' }),
  reconciliation: ({ options, secrets }) => ({
    PUBLIC_URL: address(options.ports.http.gateway),
    ALLOW_TEST_CLOCK: 'true',
    SECRETS_KEY: secrets.reconciliationSecretsKey,
  }),
  webhooks: ({ secrets }) => ({
    SECRETS_KEY: secrets.secretsKey,
    WEBHOOK_ALLOW_HTTP: 'true',
    WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8,::1/128',
  }),
};

/** No exporter unless one is named: nothing waits for a collector that is not there. */
function telemetry(name) {
  const given = Object.fromEntries(Object.entries(process.env).filter(([key]) => key.startsWith('OTEL_')));
  const off = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ? {} : { OTEL_TRACES_EXPORTER: 'none' };
  return { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', ...off, ...given, OTEL_SERVICE_NAME: name };
}

/** @param {import('./stack.mjs').Stack} stack once its servers are up */
export function serviceEnvironment(name, stack) {
  const { options, secrets, databaseUrl, natsUrls } = stack;
  const login = (kind) => databaseUrlFor(databaseUrl, `${name}_${kind}`, secrets.roles[`${name}_${kind}`]);
  return {
    PATH: process.env.PATH,
    NODE_OPTIONS: nodeOptions,
    ...telemetry(name),
    ENVIRONMENT: 'development',
    HOST: '127.0.0.1',
    PORT: String(options.ports.http[name]),
    HEALTH_PORT: String(options.ports.health[name]),
    INSTANCE_ID: `${name}-0`,
    DATABASE_APP_URL: login('app'),
    DATABASE_WORKER_URL: login('worker'),
    // the gateway neither publishes nor consumes
    ...(name === 'gateway' ? {} : { NATS_URL: natsUrls[name] }),
    JWKS_URL: `${address(options.ports.http.gateway)}/.well-known/jwks.json`,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
    ...own[name](stack),
  };
}
