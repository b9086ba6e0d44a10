import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { isClientId, isClientSecret } from '../credentials/credential.ts';
import { SecretHasher } from '../credentials/secret-hasher.ts';
import type { Client, Principal, StoredSecret } from './client.ts';
import { isUsable } from './client.ts';
import { ClientDirectory } from './client-directory.ts';
import { TRUST_NO_MS, TRUST_YES_MS } from './directory.ts';

const TOUCH_EVERY_MS = 60_000;

interface Match {
  client: Client;
  secret: StoredSecret;
}

/**
 * Client id and secret → principal, or null. In this order, cheapest first: form and checksum; what was read within
 * the last minute, for a yes; what was read within five seconds, for a no; the database. A wrong secret, an unknown
 * id, a disabled client and an expired secret are one answer.
 */
@Injectable()
export class Authenticator {
  private readonly logger = new Logger(Authenticator.name);
  private readonly principals = new WeakMap<Client, Principal>();
  private readonly touchedAtMs = new WeakMap<StoredSecret, number>();

  constructor(
    private readonly directory: ClientDirectory,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /** A yes from memory, or undefined: the path of nearly every request, without a promise. */
  recall(clientId: string, secret: string): Principal | undefined {
    if (!isClientId(clientId) || !isClientSecret(secret)) return undefined;
    const match = this.match(this.directory.peek(clientId, TRUST_YES_MS), secret);
    return match && this.accept(match);
  }

  async authenticate(clientId: string, secret: string): Promise<Principal | null> {
    if (!isClientId(clientId) || !isClientSecret(secret)) return null;
    const recalled = this.match(this.directory.peek(clientId, TRUST_YES_MS), secret);
    if (recalled) return this.accept(recalled);
    if (this.directory.peek(clientId, TRUST_NO_MS) !== undefined) return null;
    const match = this.match(await this.directory.read(clientId), secret);
    return match ? this.accept(match) : null;
  }

  private match(client: Client | null | undefined, secret: string): Match | undefined {
    if (!client || client.disabledAt !== null) return undefined;
    const now = this.clock.now();
    const found = client.secrets.find((stored) => isUsable(stored, now) && this.hasher.matches(secret, stored));
    return found && { client, secret: found };
  }

  private accept({ client, secret }: Match): Principal {
    this.noteUse(client, secret);
    let principal = this.principals.get(client);
    if (!principal) {
      const { tenantId, clientId, currency, scopes } = client;
      principal = Object.freeze({ tenantId, clientId, currency, scopes });
      this.principals.set(client, principal);
    }
    return principal;
  }

  /** At most once a minute, and never in the request's way: a lost note is a note a minute late. */
  private noteUse(client: Client, secret: StoredSecret): void {
    const nowMs = this.clock.now().getTime();
    const lastMs = this.touchedAtMs.get(secret) ?? secret.lastUsedAt?.getTime() ?? 0;
    if (nowMs - lastMs < TOUCH_EVERY_MS) return;
    this.touchedAtMs.set(secret, nowMs);
    this.directory.touch(client, secret.slot).catch((error: unknown) => {
      this.logger.warn({ err: error, clientId: client.clientId }, 'could not note the use of a secret');
    });
  }
}
