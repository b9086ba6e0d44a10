import { Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { ProblemFilter } from '@quittance/service-kit/http/problem.filter';
import { kitModule } from '@quittance/service-kit/kit.module';
import { Envelope } from '@quittance/service-kit/secrets/envelope';
import { ApiKeyDirectory } from './api-keys/api-key-directory.ts';
import { ApiKeyRepository } from './api-keys/api-key.repository.ts';
import { SignatureAuthenticator } from './api-keys/signature-authenticator.ts';
import { Authenticator } from './clients/authenticator.ts';
import { ClientDirectory } from './clients/client-directory.ts';
import { ClientRepository } from './clients/client.repository.ts';
import { GatewayConfig, skewSeconds, upstreams } from './config.ts';
import { SecretHasher } from './credentials/secret-hasher.ts';
import { ServiceDocumentsReader } from './openapi/service-documents.ts';
import { problems } from './problems.ts';
import { Gatekeeper } from './proxy/gatekeeper.ts';
import { PartnerGate } from './proxy/partner-gate.ts';
import { Proxy } from './proxy/proxy.ts';
import type { ProxyOptions } from './proxy/proxy.ts';
import { PortalTokenEndpoint } from './tokens/portal-token-endpoint.ts';
import { SigningKeys } from './tokens/signing-keys.ts';
import { TokenEndpoint } from './tokens/token-endpoint.ts';
import { Tokens } from './tokens/tokens.ts';

@Module({})
export class GatewayModule {
  static with(config: GatewayConfig): DynamicModule {
    const policies = {
      requests: { perSecond: config.rateLimitPerSecond, burst: config.rateLimitBurst },
      failures: { perSecond: 1, burst: config.authFailuresBurst },
      strangers: { perSecond: config.openRateLimitPerSecond, burst: config.openRateLimitBurst },
    };
    const proxyOptions = {
      upstreams: upstreams(config),
      connectionsMax: config.upstreamConnectionsMax,
      timeoutMs: config.upstreamTimeoutMs,
      problems: new ProblemFilter(problems, config.problemsUrl),
    };
    return {
      module: GatewayModule,
      imports: [kitModule({ name: 'gateway', config, problems })],
      providers: [
        ClientRepository,
        ClientDirectory,
        Authenticator,
        ApiKeyRepository,
        ApiKeyDirectory,
        PartnerGate,
        TokenEndpoint,
        { provide: Envelope, useFactory: () => new Envelope(config.apiSecretsKey.reveal()) },
        {
          provide: SignatureAuthenticator,
          inject: [ApiKeyDirectory, Clock],
          useFactory: (keys: ApiKeyDirectory, clock: Clock) =>
            new SignatureAuthenticator(keys, clock, skewSeconds(config)),
        },
        { provide: SecretHasher, useFactory: () => new SecretHasher(config.credentialPepper.reveal()) },
        { provide: SigningKeys, useFactory: () => new SigningKeys(config.signingKey.reveal()) },
        {
          provide: Tokens,
          inject: [SigningKeys, Clock],
          useFactory: (keys: SigningKeys, clock: Clock) => new Tokens(keys, config.tokenIssuer, clock),
        },
        {
          provide: Gatekeeper,
          inject: [Authenticator, Tokens, Clock],
          useFactory: (authenticator: Authenticator, tokens: Tokens, clock: Clock) =>
            new Gatekeeper(authenticator, tokens, clock, policies),
        },
        ...behind(proxyOptions),
        {
          provide: ServiceDocumentsReader,
          inject: [Clock],
          useFactory: (clock: Clock) => new ServiceDocumentsReader(upstreams(config), config.publicUrl, clock),
        },
      ],
    };
  }
}

/** What stands behind the gatekeeper. */
function behind(options: ProxyOptions): Provider[] {
  return [
    {
      provide: PortalTokenEndpoint,
      inject: [Gatekeeper, Tokens, Clock],
      useFactory: (gatekeeper: Gatekeeper, tokens: Tokens, clock: Clock) =>
        new PortalTokenEndpoint(gatekeeper, tokens, clock, options.problems),
    },
    {
      provide: Proxy,
      inject: [Gatekeeper, PartnerGate, Tokens],
      useFactory: (gatekeeper: Gatekeeper, partners: PartnerGate, tokens: Tokens) =>
        new Proxy(gatekeeper, partners, tokens, options),
    },
  ];
}
