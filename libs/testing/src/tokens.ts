// A stand-in for the gateway as issuer: its key pair, its JWKS document and the internal tokens that services accept.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey } from 'jose';

export interface TokenClaims {
  /** The service the token is for. */
  audience: string;
  tenantId: string;
  scopes: readonly string[];
  clientId?: string;
  /** The partner that asks, where it is one. */
  partnerId?: string;
  /** What it may do where it is an embedded portal: these endpoints, null for all. */
  portal?: { endpoints: readonly string[] | null };
  /** The tenant's. */
  currency?: string;
  issuer?: string;
  expiresInSeconds?: number;
}

export class TokenIssuer {
  private constructor(
    private readonly key: CryptoKey,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async start(): Promise<TokenIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'EdDSA', use: 'sig' };
    const document = JSON.stringify({ keys: [jwk] });
    const server = createServer((_req, res) => res.setHeader('content-type', 'application/json').end(document));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TokenIssuer(privateKey, server);
  }

  /** For JWKS_URL. */
  get jwksUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/.well-known/jwks.json`;
  }

  /** An internal token as the gateway mints it. */
  mint(claims: TokenClaims): Promise<string> {
    const { audience, tenantId, scopes, clientId = 'test-client', currency = 'USD' } = claims;
    const { issuer = 'quittance', expiresInSeconds = 300, partnerId, portal } = claims;
    const partner = { ...(partnerId === undefined ? {} : { partner: partnerId }), ...(portal && { portal }) };
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ tenant: tenantId, ...partner, currency, scope: scopes.join(' ') })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'test', typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(clientId)
      .setIssuedAt(now)
      .setExpirationTime(now + expiresInSeconds)
      .sign(this.key);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
