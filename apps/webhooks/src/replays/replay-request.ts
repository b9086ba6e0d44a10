import type { Endpoint } from '../domain/endpoint.ts';
import type { Replay } from '../domain/replay.ts';

export interface WantedReplay {
  readonly endpointId: string;
  readonly from: Date;
  readonly to?: Date | undefined;
  readonly eventTypes?: readonly string[] | null | undefined;
  readonly onlyFailed?: boolean | undefined;
  readonly ratePerSecond?: number | undefined;
}

export interface WantedRecovery {
  readonly endpointId: string;
  readonly since?: Date | undefined;
  readonly sinceId?: string | undefined;
  readonly onlyFailed?: boolean | undefined;
  readonly ratePerSecond?: number | undefined;
}

export interface Enabled {
  readonly endpoint: Endpoint;
  readonly replay: Replay | null;
}
