import { generateKeyPairSync } from 'node:crypto';
import type { DynamicModule, Type } from '@nestjs/common';
import { natsUsers } from '@quittance/events/topology';
import { readConfig } from '@quittance/service-kit/config/load-config';
import type { ServiceConfig } from '@quittance/service-kit/config/service-config';
import { describeService } from '@quittance/service-kit/openapi';
import { appHas, loadFromApp } from './apps.ts';
import { configOf } from './generate-config.ts';
import type { Files } from './generated-files.ts';
import { loginsOf, services } from './services.mjs';
import { portsFrom } from './stack.mjs';
import { serviceEnvironment } from './stack-env.mjs';

type MakeModule = (config: ServiceConfig) => Type<object> | DynamicModule;

interface Merger {
  mergeOpenApi: (documents: Record<string, unknown>, routes: unknown) => unknown;
  undocumentedRoutes: (documents: Record<string, unknown>, routes: unknown) => string[];
}

const pretty = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

/** One document a service and the gateway's merged one, as `GET /openapi.json` serves it. */
export async function openApiFiles(): Promise<Files> {
  const behind = services.filter(({ name }) => name !== 'gateway' && appHas(name, `${name}.module`));
  const documents: Record<string, unknown> = {};
  for (const { name } of behind) documents[name] = await describe(name);
  const files = Object.fromEntries(
    Object.entries(documents).map(([name, document]) => [`docs/api/${name}.openapi.json`, pretty(document)]),
  );
  if (behind.length < services.length - 1 || !appHas('gateway', 'openapi/merge-openapi')) return files;
  const { mergeOpenApi, undocumentedRoutes } = await loadFromApp<Merger>('gateway', 'openapi/merge-openapi');
  const { routes } = await loadFromApp<{ routes: unknown }>('gateway', 'routes');
  const silent = undocumentedRoutes(documents, routes);
  if (silent.length) throw new Error(`routes that no service documents: ${silent.join(', ')}`);
  return { ...files, 'docs/api/openapi.json': pretty(mergeOpenApi(documents, routes)) };
}

async function describe(name: string) {
  const config = readConfig(await configOf(name), exampleEnvironment(name));
  return describeService((await moduleOf(name))(config), name);
}

/** `paymentsModule(config)`, or `PaymentsModule.with(config)`. */
async function moduleOf(name: string): Promise<MakeModule> {
  const exported = await loadFromApp<Record<string, MakeModule & { with?: MakeModule }>>(name, `${name}.module`);
  const type = exported[`${name.charAt(0).toUpperCase()}${name.slice(1)}Module`];
  const found = exported[`${name}Module`] ?? type?.with?.bind(type);
  if (!found) throw new Error(`apps/${name}/src/${name}.module.ts exports no ${name}Module(config)`);
  return found;
}

/** A valid development environment; nothing of it is in a document. */
function exampleEnvironment(name: string): Record<string, string> {
  const each = (names: readonly string[], of: (key: string) => string) =>
    Object.fromEntries(names.map((key) => [key, of(key)]));
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return serviceEnvironment(name, {
    options: { ports: portsFrom({}) },
    secrets: {
      roles: each(
        services.flatMap((service) => loginsOf(service.name)),
        () => 'example',
      ),
      signingKey: { ...jwk, kid: 'dev-example', alg: 'EdDSA' },
      credentialPepper: `dev-1:${'0'.repeat(48)}`,
      sandboxSecret: `dev-${'0'.repeat(48)}`,
      secretsKey: `dev-${Buffer.alloc(32).toString('base64')}`,
      reconciliationSecretsKey: `dev-${Buffer.alloc(32).toString('base64')}`,
    },
    databaseUrl: 'postgres://postgres:example@127.0.0.1:5432/quittance',
    natsUrls: each(natsUsers, () => 'nats://127.0.0.1:4222'),
  });
}
