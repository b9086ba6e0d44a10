import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Client } from './client.ts';
import { ClientRepository } from './client.repository.ts';

/** A client's word is taken for this long without asking the database: a revoked secret works no longer than that. */
export const TRUST_YES_MS = 60_000;
/** A no is asked again after this long: a secret made just now is refused no longer than that. */
export const TRUST_NO_MS = 5_000;
const ENTRIES_MAX = 10_000;

/** No tenant is known yet. The lookup policies let `SELECT` through without one; nothing else passes with this. */
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

interface Entry {
  client: Client | null;
  readAtMs: number;
}

/**
 * Clients as last read, by their public id: no secret, nor anything made of one, is ever kept here. A guess against a
 * known client costs an HMAC, not a statement; unknown ids cost a statement each `TRUST_NO_MS`, and the failure
 * buckets in front bound how many ids one address may try.
 */
@Injectable()
export class ClientDirectory {
  private readonly known = new Map<string, Entry>();
  private readonly unknown = new Map<string, Entry>();
  private readonly reading = new Map<string, Promise<Client | null>>();

  constructor(
    private readonly db: Database,
    private readonly clients: ClientRepository,
    private readonly clock: Clock,
  ) {}

  /** The entry if it is young enough to be believed, without any wait. */
  peek(clientId: string, maxAgeMs: number): Client | null | undefined {
    const entry = this.known.get(clientId) ?? this.unknown.get(clientId);
    return entry && this.clock.now().getTime() - entry.readAtMs < maxAgeMs ? entry.client : undefined;
  }

  /** Reads from the database; many callers at once are one statement. */
  read(clientId: string): Promise<Client | null> {
    let reading = this.reading.get(clientId);
    if (!reading) {
      reading = this.readNow(clientId).finally(() => this.reading.delete(clientId));
      this.reading.set(clientId, reading);
    }
    return reading;
  }

  touch(client: Client, slot: number): Promise<void> {
    return this.db.withTenant(client.tenantId, (tx) => this.clients.touch(tx, client.tenantId, client.clientId, slot));
  }

  private async readNow(clientId: string): Promise<Client | null> {
    const readAtMs = this.clock.now().getTime();
    const client = await this.db.withTenant(NO_TENANT, (tx) => this.clients.find(tx, clientId));
    this.known.delete(clientId);
    this.unknown.delete(clientId);
    // Two maps, so that a flood of invented ids cannot push out the clients that exist.
    keep(client ? this.known : this.unknown, clientId, { client, readAtMs });
    return client;
  }
}

function keep(entries: Map<string, Entry>, key: string, entry: Entry): void {
  if (entries.size >= ENTRIES_MAX) entries.delete(entries.keys().next().value!);
  entries.set(key, entry);
}
