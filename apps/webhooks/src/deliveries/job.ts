import type { Transition } from '../domain/breaker.ts';
import type { Verdict } from '../domain/delivery.ts';
import type { WebhookReply } from './webhook.client.ts';

/** An event as it is stored: `body` are the bytes that are signed where an endpoint takes the whole. */
export interface Message {
  readonly tenantId: string;
  /** The event's id, the `webhook-id` of every attempt. */
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number | null;
  readonly traceparent: string | null;
  readonly occurredAt: string;
  readonly channels: readonly string[];
  /** Somebody tries an endpoint out: no event, so nothing else may take it for one. */
  readonly isTest: boolean;
  readonly body: Buffer;
  /** Its place in the feed of its tenant's pull consumers, where it has any. */
  readonly position?: bigint | null;
}

export interface NewDelivery {
  readonly tenantId: string;
  readonly id: string;
  readonly endpointId: string;
  readonly messageId: string;
  readonly shard: number;
  /** The event's subject, where the endpoint keeps the order of it; null or absent: nothing waits for this one. */
  readonly orderingKey?: string | null;
}

/** A delivery in the dispatcher's hands. */
export interface Job extends NewDelivery {
  /** Attempts made so far. */
  readonly attempt: number;
  /** Of them, those made before a replay queued it again: the schedule begins anew there. */
  readonly triedBefore?: number;
  readonly createdAt: Date;
  /** null, as is the body, when the message is no longer kept. */
  readonly type: string | null;
  readonly isTest: boolean;
  readonly body: Buffer | null;
  readonly sequence: number | null;
  readonly traceparent: string | null;
  /** Events of its key before it that were given up, as the header `webhook-gap` names them. */
  readonly gap?: string | null;
  /** The tenant's key that the stored body is sealed under; absent where it is stored as it is. */
  readonly keyId?: number | undefined;
  /** Why there is no body: its key was destroyed, or the row is not the one that was stored. */
  readonly lost?: 'erased' | 'message_unreadable';
  /** Set when it was loaded from the queue. */
  readonly dueAt?: Date;
}

export interface DueEndpoint {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly shard: number;
}

/** One attempt, made and judged, waiting to be written down. */
export interface Settlement {
  readonly job: Job;
  readonly attemptId: string;
  /** The epoch under which it was sent. */
  readonly epoch: string;
  readonly n: number;
  readonly outcome: 'succeeded' | 'failed' | 'not_sent';
  readonly reply: WebhookReply;
  readonly verdict: Verdict;
  readonly possibleDuplicate: boolean;
  /** What this answer made of the endpoint's breaker. */
  readonly breaker?: Transition | null;
}
