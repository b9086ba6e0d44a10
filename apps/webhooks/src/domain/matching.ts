import type { EndpointSettings } from './endpoint.ts';
import { DomainError } from './errors.ts';
import { compileFilter } from './filter.ts';

/** A message as endpoints are asked about it. */
export interface Published {
  readonly type: string;
  readonly channels: readonly string[];
  /** The whole webhook: what filters look into. */
  readonly content: unknown;
}

export type Acceptance = (message: Published) => boolean;

/**
 * What an endpoint asks beyond the type, compiled. Channels narrow: an endpoint that names some gets nothing that bears
 * none of them. A stored filter that this program cannot read (a newer one wrote it) lets everything through: a partner
 * can drop what it did not ask for, and cannot miss what it never got.
 */
export function acceptanceOf({ channels, filter }: Pick<EndpointSettings, 'channels' | 'filter'>): Acceptance {
  const named = channels === null ? null : new Set(channels);
  const compiled = filter === null ? null : compileFilter(filter);
  const test = compiled === null || compiled.faults.length > 0 ? null : compiled.test;
  if (named === null && test === null) return () => true;
  return (message) =>
    (named === null || message.channels.some((channel) => named.has(channel))) &&
    (test === null || test(message.content));
}

export function refuseBadFilter(filter: EndpointSettings['filter'] | undefined): void {
  if (filter === undefined || filter === null) return;
  const { faults } = compileFilter(filter);
  if (faults.length === 0) return;
  const errors = faults.map(({ pointer, detail }) => ({ pointer: `/filter${pointer}`, detail }));
  throw new DomainError('filter_not_valid', 'The filter cannot be used.', { errors });
}

export function refuseUnknownVersion(version: number | undefined, current: number): void {
  if (version === undefined || (version >= 1 && version <= current)) return;
  const errors = [{ pointer: '/payloadVersion', detail: `must be between 1 and ${current}` }];
  throw new DomainError('payload_version_unknown', 'The payload version is unknown.', { errors });
}
