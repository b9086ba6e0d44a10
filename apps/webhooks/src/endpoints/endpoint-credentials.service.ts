import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import { noAuth, splitAuth } from '../domain/endpoint-auth.ts';
import type { Auth, ShownAuth } from '../domain/endpoint-auth.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { DomainError } from '../domain/errors.ts';
import { certificateProblems } from './client-certificate.ts';
import { CredentialRepository } from './credential.repository.ts';
import type { CredentialKind } from './credential.repository.ts';
import { credentialPlace } from './credentials.ts';
import { TargetGuard } from './target-guard.ts';

/** What is undefined stays as it is, null takes it away, and the rest replaces all that was there. */
export interface CredentialsChange {
  readonly auth?: Auth | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | null | undefined;
}

/** What of it may be shown. */
export interface ShownCredentials {
  readonly auth: ShownAuth | undefined;
  readonly headerNames: readonly string[] | undefined;
}

@Injectable()
export class EndpointCredentialsService {
  constructor(
    private readonly credentials: CredentialRepository,
    private readonly secrets: SecretBox,
    private readonly guard: TargetGuard,
    private readonly clock: Clock,
  ) {}

  /** Refuses what could never work, and gives the half that is stored with the endpoint. */
  shown({ auth, headers }: CredentialsChange): ShownCredentials {
    if (auth?.type === 'mtls') this.checkCertificate(auth);
    if (auth?.type === 'oauth2') this.checkTokenUrl(auth);
    return {
      auth: auth === undefined ? undefined : splitAuth(auth ?? noAuth).shown,
      headerNames: headers === undefined ? undefined : Object.keys(headers ?? {}).map((name) => name.toLowerCase()),
    };
  }

  /** The other half, in the transaction that stores the endpoint and after it. */
  async save(tx: Tx, endpoint: Endpoint, { auth, headers }: CredentialsChange): Promise<void> {
    if (auth !== undefined) await this.put(tx, endpoint, 'auth', splitAuth(auth ?? noAuth).secret);
    if (headers === undefined) return;
    const entries = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
    await this.put(tx, endpoint, 'headers', entries.length === 0 ? null : Object.fromEntries(entries));
  }

  /** Of an endpoint that is removed: nobody will need them again. */
  async forget(tx: Tx, endpoint: Endpoint): Promise<void> {
    await this.save(tx, endpoint, { auth: null, headers: null });
  }

  private async put(tx: Tx, { tenantId, id }: Endpoint, kind: CredentialKind, secret: object | null): Promise<void> {
    if (secret === null) return this.credentials.remove(tx, tenantId, id, kind);
    const ciphertext = this.secrets.seal(JSON.stringify(secret), credentialPlace(tenantId, id, kind));
    const { keyVersion } = this.secrets;
    const sealed = { tenantId, endpointId: id, kind, revision: newId(), ciphertext, keyVersion };
    await this.credentials.save(tx, sealed, this.clock.now());
  }

  private checkCertificate(auth: Auth): void {
    const errors = certificateProblems(auth, this.clock.now());
    if (errors.length === 0) return;
    throw new DomainError('client_certificate_not_valid', 'The certificate cannot be used.', { errors });
  }

  private checkTokenUrl({ tokenUrl = '' }: Auth): void {
    const refusal = this.guard.refusal(new URL(tokenUrl));
    if (refusal === null) return;
    const errors = [{ pointer: '/auth/tokenUrl', detail: refusal }];
    throw new DomainError('url_not_allowed', `The token URL ${refusal}.`, { errors });
  }
}
