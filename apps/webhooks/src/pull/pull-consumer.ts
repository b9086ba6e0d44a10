import type { SigningKey } from '../deliveries/signature.ts';
import type { EndpointSettings } from '../domain/endpoint.ts';

/** What it asks for, as an endpoint does. */
export type PullSettings = Pick<
  EndpointSettings,
  'eventTypes' | 'channels' | 'filter' | 'contentMode' | 'payloadVersion'
>;

/** Who fetches messages itself. It is served like an endpoint that is always active. */
export interface PullConsumer extends PullSettings {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  /** Everything up to this place is dealt with: its consumer said so. */
  readonly acknowledged: bigint;
  readonly acknowledgedAt: Date | null;
  readonly createdAt: Date;
}

export interface PulledMessage {
  readonly id: string;
  readonly type: string;
  readonly sequence: number | null;
  readonly body: Buffer;
}

/** What a request for the next page is answered. */
export interface Pulled {
  readonly consumer: PullConsumer;
  readonly key: SigningKey;
  readonly messages: readonly PulledMessage[];
  readonly after: bigint;
  readonly hasMore: boolean;
}
