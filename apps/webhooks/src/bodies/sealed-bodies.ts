import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { keyVersionOf } from '@quittance/service-kit/secrets/secret-box';
import type { SecretPlace } from '@quittance/service-kit/secrets/secret-box';
import type { AttemptView } from '../deliveries/delivery-view.ts';
import type { Job, Message, Settlement } from '../deliveries/job.ts';
import { isSealed } from './key-ring.ts';
import { TenantKeys } from './tenant-keys.ts';
import type { Rings } from './tenant-keys.ts';

/** A body as it is kept, for who reads it outside of the sender's way. */
export interface StoredBody {
  readonly tenantId: string;
  readonly id: string;
  readonly body: Buffer;
}

/**
 * What events and receivers said is kept sealed under its tenant's key (AES-256-GCM, bound to tenant and row), so that
 * destroying the key erases it everywhere at once, old partitions and backups of them included. Sealing stands between
 * the tables and everybody else: the bytes that are signed and sent are the ones that were stored.
 */
@Injectable()
export class SealedBodies {
  private readonly log = new Logger(SealedBodies.name);

  constructor(private readonly keys: TenantKeys) {}

  async sealMessages(tx: Tx, messages: readonly Message[]): Promise<Buffer[]> {
    const rings = await this.keys.toSeal(tx, tenantsOf(messages));
    return messages.map(({ tenantId, id, body }) => rings.get(tenantId)!.seal(body, placeOfMessage(tenantId, id)));
  }

  /** One body for each; null: erased. */
  async openMessages(tx: Tx, messages: readonly StoredBody[]): Promise<(Buffer | null)[]> {
    const rings = await this.keys.toOpen(tx, messages);
    return messages.map(({ tenantId, id, body }) => rings.get(tenantId)!.open(body, placeOfMessage(tenantId, id)));
  }

  /** Rows of one tenant's messages, opened. null: not asked for, or erased. */
  async openRows<R extends { readonly id: string; readonly body: Buffer | null }>(
    tx: Tx,
    tenantId: string,
    rows: readonly R[],
  ): Promise<(Omit<R, 'body'> & { body: Buffer | null })[]> {
    const read = rows.flatMap(({ id, body }) => (body === null ? [] : [{ tenantId, id, body }]));
    const bodies = await this.openMessages(tx, read);
    const opened = new Map(read.map(({ id }, at) => [id, bodies[at] ?? null]));
    return rows.map((row) => ({ ...row, body: opened.get(row.id) ?? null }));
  }

  /** Deliveries as loaded, their bodies opened. What does not open has none and says why: it costs no other one. */
  async openJobs<J extends Job>(tx: Tx, jobs: readonly J[]): Promise<J[]> {
    const kept = jobs.flatMap(({ tenantId, body }) => (body === null ? [] : [{ tenantId, body }]));
    const rings = await this.keys.toOpen(tx, kept);
    return jobs.map((job) => (job.body === null ? job : { ...job, ...this.opened(job, job.body, rings) }));
  }

  private opened({ tenantId, messageId }: Job, stored: Buffer, rings: Rings): Pick<Job, 'body' | 'keyId' | 'lost'> {
    const keyId = isSealed(stored) ? keyVersionOf(stored) : undefined;
    try {
      const body = rings.get(tenantId)!.open(stored, placeOfMessage(tenantId, messageId));
      return body === null ? { body, keyId, lost: 'erased' } : { body, keyId };
    } catch (error) {
      this.log.error(
        { err: error, messageId },
        'a stored message does not open: it was changed, or put there by others',
      );
      return { body: null, keyId, lost: 'message_unreadable' };
    }
  }

  async sealReplies(tx: Tx, batch: readonly Settlement[]): Promise<(Buffer | null)[]> {
    const spoken = batch.filter(({ reply }) => reply.body !== null).map(({ job }) => job);
    const rings = await this.keys.toSeal(tx, tenantsOf(spoken));
    return batch.map(({ job: { tenantId }, attemptId, reply: { body } }) =>
      body === null ? null : rings.get(tenantId)!.seal(body, placeOfReply(tenantId, attemptId)),
    );
  }

  /** For the tenant's own eyes. null: erased. */
  private async openReplies(tx: Tx, tenantId: string, replies: readonly Omit<StoredBody, 'tenantId'>[]) {
    if (replies.length === 0) return new Map<string, Buffer | null>();
    const ring = await this.keys.ofTenant(tx, tenantId);
    return new Map(replies.map(({ id, body }) => [id, ring.open(body, placeOfReply(tenantId, id))]));
  }

  /** Attempts as stored, what receivers said opened. */
  async openAttempts<A extends AttemptView>(tx: Tx, tenantId: string, attempts: readonly A[]): Promise<A[]> {
    const said = attempts.flatMap(({ id, responseBody: body }) => (body === null ? [] : [{ id, body }]));
    const bodies = await this.openReplies(tx, tenantId, said);
    return attempts.map((attempt) => {
      const responseBody = bodies.get(attempt.id) ?? null;
      return { ...attempt, responseBody, isErased: attempt.responseBody !== null && responseBody === null };
    });
  }

  /** Keys of tenants whose configuration has moved: what was destroyed counts from now on, also for what is in hand. */
  refresh(tx: Tx, tenantIds: readonly string[]): Promise<void> {
    return this.keys.refresh(tx, tenantIds);
  }

  /** The key that a message stored just now was sealed under. */
  keyIdOf(tenantId: string): number | undefined {
    return this.keys.newestId(tenantId);
  }

  /** Whether what is in hand must not be sent any more. */
  isErased({ tenantId, keyId }: Pick<Job, 'tenantId' | 'keyId'>): boolean {
    return keyId !== undefined && this.keys.isDestroyed(tenantId, keyId);
  }
}

const tenantsOf = (rows: readonly { readonly tenantId: string }[]) => [...new Set(rows.map((row) => row.tenantId))];

function placeOfMessage(tenantId: string, rowId: string): SecretPlace {
  return { tenantId, table: 'messages', column: 'body', rowId };
}

/** Of an attempt, whichever table its body is kept in. */
function placeOfReply(tenantId: string, rowId: string): SecretPlace {
  return { tenantId, table: 'attempts', column: 'response_body', rowId };
}
