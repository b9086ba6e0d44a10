import type { DeliveryState } from '../domain/delivery.ts';
import type { EndpointState } from '../domain/endpoint.ts';
import type { Ordering, QueuedDelivery } from '../domain/ordering.ts';

/** A delivery as it is shown: open ones come from `deliveries`, settled ones from their last attempt. */
export interface DeliveryView {
  readonly id: string;
  readonly endpointId: string;
  readonly messageId: string;
  readonly eventType: string | null;
  readonly isTest: boolean;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
}

export interface AttemptView {
  readonly id: string;
  readonly n: number;
  readonly outcome: 'succeeded' | 'failed' | 'not_sent';
  readonly status: number | null;
  readonly error: string | null;
  readonly startedAt: Date;
  readonly durationMs: number | null;
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
  readonly responseHeaders: Record<string, string> | null;
  readonly responseBody: Buffer | null;
  /** There was a body; its key has been destroyed. */
  readonly isErased?: boolean;
  readonly responseTruncated: boolean;
  readonly possibleDuplicate: boolean;
  readonly nextDueAt: Date | null;
}

/** A request that was written down before it was made, and of which nothing else is known. */
export interface StartView {
  readonly id: string;
  readonly n: number;
  readonly startedAt: Date;
}

/** A delivery with its attempts, oldest first. */
export interface DeliveryDetail {
  readonly delivery: DeliveryView;
  readonly attempts: readonly AttemptView[];
  readonly starts: readonly StartView[];
}

/** A delivery with what it takes to queue it again. */
export interface RetryableDelivery extends QueuedDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly endpointState: EndpointState;
  readonly ordering: Ordering;
  readonly messageId: string;
  readonly isKept: boolean;
  readonly isErased: boolean;
  readonly shard: number;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: Date;
}
