import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { notFound } from '@quittance/service-kit/http/problem';
import { newId } from '@quittance/service-kit/id';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import type { Endpoint } from '../domain/endpoint.ts';
import { isOver, overlapSecondsDefault, removeSecret, rotate } from '../domain/secret.ts';
import type { EndpointSecret, PublishedKey, Rotation, SecretKind } from '../domain/secret.ts';
import { EndpointSecretRepository } from './endpoint-secret.repository.ts';
import { EndpointRepository } from './endpoint.repository.ts';
import { newSecret } from './new-secret.ts';
import { endpointSecretPlace } from './secret-place.ts';

/** What is left out: the kind of the newest secret, now, a day. */
export type RotationRequest = { readonly [Name in keyof Rotation]?: Rotation[Name] | undefined };

interface Owner {
  readonly tenantId: string;
  readonly id: string;
}

/** How long after its end a request under a secret may still be taken for new. */
const toleranceMs = 300_000;

/**
 * The secrets that an endpoint's webhooks are signed with. They are made here, stored sealed, and leave the service in
 * signatures only, but for an hmac secret in the answer to the request that made it.
 *
 * Every change locks the endpoint, so that two of them follow one another, and raises the tenant's configuration
 * version: a dispatcher signs with what was committed, at the latest when it next looks for due rows.
 */
@Injectable()
export class EndpointSecretsService {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly secrets: EndpointSecretRepository,
    private readonly box: SecretBox,
    private readonly clock: Clock,
  ) {}

  /** Makes a secret for an endpoint that is there, or is being made in this transaction. */
  async issue(tx: Tx, { tenantId, id: endpointId }: Owner, from: Omit<Rotation, 'overlapSeconds'>) {
    const id = newId();
    const { text, publicKey } = newSecret(from.kind);
    const ciphertext = this.box.seal(text, endpointSecretPlace(tenantId, id));
    const secret: EndpointSecret = {
      ...{ tenantId, id, endpointId, kind: from.kind, publicKey, notBefore: from.notBefore, expiresAt: null },
    };
    await this.secrets.insert(tx, { ...secret, ciphertext, keyVersion: this.box.keyVersion });
    return secret;
  }

  /** A new secret; the older ones of its kind go on signing until the overlap is over. */
  async rotate(tx: Tx, owner: Owner, request: RotationRequest): Promise<EndpointSecret> {
    const now = this.clock.now();
    const { endpoint, secrets } = await this.locked(tx, owner, now);
    const { overlapSeconds = overlapSecondsDefault, notBefore = now } = request;
    const rotation = { kind: request.kind ?? newestKind(secrets), notBefore, overlapSeconds };
    const ended = rotate(secrets, rotation, now);
    const [secret] = await Promise.all([
      this.issue(tx, owner, rotation),
      this.secrets.end(tx, owner.tenantId, ended),
      this.secrets.forget(tx, owner, new Date(now.getTime() - toleranceMs)),
      this.endpoints.update(tx, { ...endpoint, updatedAt: now }),
    ]);
    return secret;
  }

  /** At once, without an overlap: for a secret that somebody else has come to know. */
  async remove(tx: Tx, owner: Owner, { secretId }: { secretId: string }): Promise<EndpointSecret> {
    const now = this.clock.now();
    const { endpoint, secrets } = await this.locked(tx, owner, now);
    const secret = secrets.find(({ id }) => id === secretId);
    if (secret === undefined) throw notFound('secret of this webhook endpoint', secretId);
    const lifted = removeSecret(secrets, secret, now);
    await Promise.all([
      this.secrets.remove(tx, secret),
      this.secrets.end(tx, owner.tenantId, lifted === null ? [] : [lifted]),
      this.endpoints.update(tx, { ...endpoint, updatedAt: now }),
    ]);
    return { ...secret, expiresAt: now };
  }

  /** Those that sign, and those to come, newest first. */
  async list(tx: Tx, owner: Owner): Promise<EndpointSecret[]> {
    const endpoint = await this.endpoints.find(tx, owner.tenantId, owner.id);
    if (endpoint === null) throw notFound('webhook endpoint', owner.id);
    return this.open(tx, owner, this.clock.now());
  }

  /** A shared secret in plain text, for who has just made it; null of a key that nobody but us may hold. */
  async reveal(tx: Tx, tenantId: string, secretId: string): Promise<string | null> {
    const sealed = await this.secrets.findSealed(tx, tenantId, secretId);
    if (sealed?.kind !== 'hmac') return null;
    return this.box.open(sealed.ciphertext, endpointSecretPlace(tenantId, secretId));
  }

  published(tx: Tx, endpointId: string): Promise<PublishedKey[]> {
    return this.secrets.published(tx, endpointId);
  }

  private async locked(tx: Tx, owner: Owner, now: Date): Promise<{ endpoint: Endpoint; secrets: EndpointSecret[] }> {
    const endpoint = await this.endpoints.lock(tx, owner.tenantId, owner.id);
    if (endpoint === null) throw notFound('webhook endpoint', owner.id);
    return { endpoint, secrets: await this.open(tx, owner, now) };
  }

  private async open(tx: Tx, owner: Owner, now: Date): Promise<EndpointSecret[]> {
    return (await this.secrets.ofEndpoint(tx, owner, now)).filter((secret) => !isOver(secret, now));
  }
}

function newestKind([newest]: readonly EndpointSecret[]): SecretKind {
  return newest?.kind ?? 'hmac';
}
