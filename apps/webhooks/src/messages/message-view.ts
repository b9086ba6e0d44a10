import type { AttemptView } from '../deliveries/delivery-view.ts';

/** A message without its body. */
export interface MessageView {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number | null;
  readonly channels: readonly string[];
  readonly occurredAt: Date;
}

/** With the bytes that are signed; null: erased. */
export interface MessageDetail extends MessageView {
  readonly body: Buffer | null;
}

/** One request, of whichever delivery of the message. */
export interface MessageAttempt extends AttemptView {
  readonly deliveryId: string;
  readonly endpointId: string;
}

export interface MessageFilter {
  readonly type: string | null;
  /** Ids: the lowest that is shown, and the lowest that is too high. */
  readonly from: string;
  readonly before: string;
  readonly limit: number;
}

export interface MessagePage {
  readonly rows: readonly MessageView[];
  /** The last id that was looked at, where there may be more behind it. */
  readonly next: string | null;
}
