import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runService } from '@quittance/service-kit/bootstrap';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { readConfig } from '@quittance/service-kit/config/load-config';
import { newId } from '@quittance/service-kit/id';
import { GatewayConfig } from './config.ts';
import { newApiKey, newApiSecret, newClientId, newClientSecret } from './credentials/credential.ts';
import { openDoor } from './door.ts';
import { GatewayModule } from './gateway.module.ts';
import { seed } from './seed.ts';
import type { SeedTenant } from './seed.ts';

export const PEPPER = `test:${randomBytes(32).toString('base64url')}`;
export const API_SECRETS_KEY = `1:${randomBytes(32).toString('base64')}`;
export const SIGNING_KEY = JSON.stringify({
  ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  kid: 'test',
});

/** A service as the gateway sees it, whose answers a test decides. */
export class Upstream {
  requests: IncomingMessage[] = [];
  bodies: Buffer[] = [];
  sockets = new Set<unknown>();
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void = defaultAnswer;

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push(request);
      this.sockets.add(request.socket);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.bodies.push(Buffer.concat(chunks));
        this.answer(request, response, Buffer.concat(chunks));
      });
    });
  }

  static async start(): Promise<Upstream> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Upstream(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get last(): IncomingMessage {
    return this.requests.at(-1)!;
  }

  reset(): void {
    this.requests = [];
    this.bodies = [];
    this.sockets.clear();
    this.answer = defaultAnswer;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function defaultAnswer(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json').end('{"ok":true}');
}

/** A tenant with a partner, whose key is of the weak profile unless it says another. */
export function newPartner(overrides: Partial<SeedTenant> = {}) {
  const key = { partnerId: 'ACME', apiKey: newApiKey('test'), apiSecret: newApiSecret('test') };
  return { ...newTenant(), ...key, ...overrides };
}

export function newTenant(overrides: Partial<SeedTenant> = {}): SeedTenant {
  const credentials = { clientId: newClientId('test'), clientSecret: newClientSecret('test') };
  return { id: newId(), name: 'a tenant', currency: 'USD', ...credentials, ...overrides };
}

export function seedTenants(workerUrl: string, ...tenants: SeedTenant[]): Promise<void> {
  return seed({ pepper: PEPPER, apiSecretsKey: API_SECRETS_KEY, workerUrl, tenants }, 'development');
}

export function credentialsOf({ clientId, clientSecret }: SeedTenant): Record<string, string> {
  return { 'x-client-id': clientId, 'x-client-secret': clientSecret };
}

export function gatewayEnv(appUrl: string, upstreamUrl: string): Record<string, string> {
  return {
    ENVIRONMENT: 'development',
    PORT: '0',
    HEALTH_PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_APP_URL: appUrl,
    SIGNING_KEY,
    CREDENTIAL_PEPPER: PEPPER,
    API_SECRETS_KEY,
    PAYMENTS_URL: upstreamUrl,
    BILLING_URL: upstreamUrl,
    RECONCILIATION_URL: upstreamUrl,
    WEBHOOKS_URL: upstreamUrl,
  };
}

/** The whole gateway on a free port, in this process. */
export function startGateway(env: Record<string, string>): Promise<RunningService> {
  const config = readConfig(GatewayConfig, env);
  return runService({
    name: 'gateway',
    module: GatewayModule.with(config),
    config,
    openApi: false,
    configure: openDoor,
  });
}
