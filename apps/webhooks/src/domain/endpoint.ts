import { noAuth } from './endpoint-auth.ts';
import type { ShownAuth } from './endpoint-auth.ts';
import { DomainError } from './errors.ts';
import { matchesType } from './event-pattern.ts';
import type { FilterDocument } from './filter.ts';
import type { Ordering } from './ordering.ts';
import { versionOf } from './payload-version.ts';

/** `deleting` and `deleted` are never shown: to callers such an endpoint does not exist. */
export type EndpointState = 'active' | 'paused' | 'disabled' | 'deleting' | 'deleted';

/** What a caller sets, when it makes the endpoint and later. */
export interface EndpointSettings {
  readonly url: string;
  /** Types and patterns of them. null: every type that partners may see, also those that come later. */
  readonly eventTypes: readonly string[] | null;
  /** It gets what bears one of these. null: whatever channels an event has, or none. */
  readonly channels: readonly string[] | null;
  readonly filter: FilterDocument | null;
  readonly contentMode: 'full' | 'thin';
  /** Of every type it is sent the version that the catalogue had then. */
  readonly payloadVersion: number;
  readonly description: string | null;
  /** For one request; null: as long as the platform gives it. */
  readonly timeoutSeconds: number | null;
  readonly auth: ShownAuth;
  /** Of what is added to every request; the values are sealed. */
  readonly headerNames: readonly string[];
  readonly ordering: Ordering;
  /** Requests a second, at most; null: as many as it takes. */
  readonly ratePerSecond: number | null;
  /** Requests under way at once, at most. */
  readonly maxConcurrency: number;
  /** Waits before each attempt in whole seconds, the first 0. null: the platform's schedule. */
  readonly retrySchedule: readonly number[] | null;
  /** Whether each request is written down before it is made, so that one lost in a crash leaves a trace. */
  readonly auditStrict: boolean;
}

/** Of an endpoint that is made with a URL and nothing else. */
export const defaultSettings: Omit<EndpointSettings, 'url'> = {
  eventTypes: null,
  channels: null,
  filter: null,
  contentMode: 'full',
  payloadVersion: 1,
  description: null,
  timeoutSeconds: null,
  auth: noAuth,
  headerNames: [],
  ordering: 'none',
  ratePerSecond: null,
  maxConcurrency: 32,
  retrySchedule: null,
  auditStrict: false,
};

export interface Endpoint extends EndpointSettings {
  readonly tenantId: string;
  readonly id: string;
  /** The dispatcher that owns this shard is the only one that sends to the endpoint. */
  readonly shard: number;
  readonly state: EndpointState;
  readonly disabledReason: string | null;
  /** Nothing is sent before this instant: the receiver asked for it with 429 or 503 and Retry-After. */
  readonly holdUntil: Date | null;
  /** When the receiver last consented to get webhooks at this URL. */
  readonly verifiedAt: Date | null;
  /** Its circuit breaker is open since then: nothing but a probe now and then is sent. */
  readonly breakerOpenedAt: Date | null;
  /** Sequence of the endpoint's last event; a change without an event leaves it alone. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type EndpointCommand = 'activate' | 'pause' | 'disable' | 'remove';

/** A disabled endpoint is switched on again, never merely paused: whoever does it has to mean it. */
export const endpointTransitions: Record<EndpointState, Partial<Record<EndpointCommand, EndpointState>>> = {
  active: { activate: 'active', pause: 'paused', disable: 'disabled', remove: 'deleting' },
  paused: { activate: 'active', pause: 'paused', disable: 'disabled', remove: 'deleting' },
  disabled: { activate: 'active', disable: 'disabled', remove: 'deleting' },
  deleting: {},
  deleted: {},
};

export type EndpointFact =
  | { readonly type: 'enabled' }
  | { readonly type: 'disabled' | 'failing'; readonly reason: string }
  | { readonly type: 'backlog_high'; readonly backlog: Backlog };

/** What waits for one endpoint, or for all of a tenant. */
export interface Backlog {
  readonly rows: number;
  readonly limit: number;
  readonly oldestSeconds: number;
}

export interface EndpointDecision {
  readonly next: Endpoint;
  readonly facts: readonly EndpointFact[];
}

/** What is undefined stays as it is. */
export type SettingsChange = { readonly [Name in keyof EndpointSettings]?: EndpointSettings[Name] | undefined };

export interface EndpointChange extends SettingsChange {
  readonly state?: 'active' | 'paused' | undefined;
}

/** The settings with what of them is given. */
export function withSettings<T extends Omit<EndpointSettings, 'url'>>(settings: T, change: SettingsChange): T {
  const given = Object.keys(defaultSettings).concat('url') as (keyof EndpointSettings)[];
  return { ...settings, ...Object.fromEntries(given.flatMap((name) => pair(name, change[name]))) };
}

const pair = (name: string, value: unknown) => (value === undefined ? [] : [[name, value] as const]);

export function changeEndpoint(endpoint: Endpoint, change: EndpointChange, now: Date): EndpointDecision {
  const settings = withSettings(endpoint, change);
  const verifiedAt = settings.url === endpoint.url ? endpoint.verifiedAt : null;
  const edited: Endpoint = { ...settings, verifiedAt, updatedAt: now };
  if (change.state === undefined) return { next: edited, facts: [] };
  const state = move(endpoint, change.state === 'active' ? 'activate' : 'pause');
  // A person who switches the endpoint on overrules what the receiver asked for earlier.
  if (state === 'active') {
    const enabled = endpoint.state === 'disabled';
    const next = { ...edited, state, disabledReason: null, holdUntil: null };
    return enabled ? { next: raised(next), facts: [{ type: 'enabled' }] } : { next, facts: [] };
  }
  return { next: { ...edited, state }, facts: [] };
}

export function disableEndpoint(endpoint: Endpoint, reason: string, now: Date): EndpointDecision {
  const state = move(endpoint, 'disable');
  if (endpoint.state === 'disabled') return { next: endpoint, facts: [] };
  return {
    next: raised({ ...endpoint, state, disabledReason: reason, updatedAt: now }),
    facts: [{ type: 'disabled', reason }],
  };
}

/** Something to tell about an endpoint that goes on as it is: one event, one version. */
export function tellOf(endpoint: Endpoint, fact: EndpointFact): EndpointDecision {
  return { next: raised(endpoint), facts: [fact] };
}

export function removeEndpoint(endpoint: Endpoint, now: Date): Endpoint {
  return { ...endpoint, state: move(endpoint, 'remove'), updatedAt: now };
}

/** Whether a new event becomes a delivery. A disabled endpoint gets no rows: its gap is replayed. */
export function wants(endpoint: Pick<Endpoint, 'state' | 'eventTypes'>, type: string): boolean {
  if (endpoint.state !== 'active' && endpoint.state !== 'paused') return false;
  const { name } = versionOf(type);
  return endpoint.eventTypes?.some((pattern) => matchesType(pattern, name) || pattern === type) ?? true;
}

/** Whether an event passes by an endpoint that would have it, were it not disabled. */
export function misses(endpoint: Pick<Endpoint, 'state' | 'eventTypes'>, type: string): boolean {
  return endpoint.state === 'disabled' && wants({ ...endpoint, state: 'active' }, type);
}

export function refuseUnknownTypes(eventTypes: readonly string[] | null, known: (type: string) => boolean): void {
  const errors = (eventTypes ?? []).flatMap((type, at) =>
    known(type)
      ? []
      : [{ pointer: `/eventTypes/${at}`, detail: 'is not an event type that partners may subscribe to' }],
  );
  if (errors.length > 0) throw new DomainError('event_type_unknown', 'An event type is unknown.', { errors });
}

export const shardCount = 64;

/** FNV-1a over the id: stable for ever, because a row's shard is written once and never moved. */
export function shardOf(endpointId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < endpointId.length; at += 1) {
    hash = Math.imul(hash ^ endpointId.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash % shardCount;
}

function raised(endpoint: Endpoint): Endpoint {
  return { ...endpoint, version: endpoint.version + 1 };
}

function move(endpoint: Endpoint, command: EndpointCommand): EndpointState {
  const next = endpointTransitions[endpoint.state][command];
  if (next !== undefined) return next;
  throw new DomainError(
    'invalid_transition',
    `An endpoint that is ${endpoint.state} cannot be changed to that state.`,
    {
      allowedActions: Object.keys(endpointTransitions[endpoint.state]),
    },
  );
}
