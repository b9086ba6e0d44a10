import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { notFound } from '@quittance/service-kit/http/problem';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import {
  changeEndpoint,
  defaultSettings,
  disableEndpoint,
  refuseUnknownTypes,
  removeEndpoint,
  shardOf,
  tellOf,
  withSettings,
} from '../domain/endpoint.ts';
import type {
  Endpoint,
  EndpointChange,
  EndpointDecision,
  EndpointFact,
  EndpointSettings,
  SettingsChange,
} from '../domain/endpoint.ts';
import { DomainError } from '../domain/errors.ts';
import { refuseBadFilter, refuseUnknownVersion } from '../domain/matching.ts';
import { kindOf } from '../domain/secret.ts';
import type { EndpointSecret, Signing } from '../domain/secret.ts';
import { EndpointCredentialsService } from './endpoint-credentials.service.ts';
import type { CredentialsChange, ShownCredentials } from './endpoint-credentials.service.ts';
import { endpointEvents } from './endpoint-events.ts';
import type { EndpointTrigger } from './endpoint-events.ts';
import { EndpointSecretsService } from './endpoint-secrets.service.ts';
import { EndpointRepository } from './endpoint.repository.ts';
import type { Hold, PageBefore } from './endpoint.repository.ts';
import { isSubscribable, payloadVersions } from './event-catalogue.ts';
import { EndpointHealthRepository } from '../health/endpoint-health.repository.ts';
import { TargetGuard } from './target-guard.ts';

type Given<T> = Omit<T, keyof ShownCredentials> & CredentialsChange;
export type NewEndpoint = Given<SettingsChange> &
  Pick<EndpointSettings, 'url'> & { readonly signing?: Signing | undefined };
export type EndpointEdit = Given<EndpointChange>;

export interface CreatedEndpoint extends Endpoint {
  readonly firstSecret: EndpointSecret;
}

export interface DisableRequest {
  readonly tenantId: string;
  readonly id: string;
  readonly reason: string;
  readonly trigger: EndpointTrigger;
}

@Injectable()
export class EndpointsService {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly credentials: EndpointCredentialsService,
    private readonly secrets: EndpointSecretsService,
    private readonly guard: TargetGuard,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly health: EndpointHealthRepository,
  ) {}

  /** Active at once. */
  async create(tx: Tx, tenantId: string, input: NewEndpoint): Promise<CreatedEndpoint> {
    this.check(input);
    const now = this.clock.now();
    const id = newId();
    const settings = { ...input, ...this.credentials.shown(input) };
    const endpoint: Endpoint = {
      ...withSettings({ ...defaultSettings, ...pinned, url: input.url }, normalised(settings)),
      ...{ tenantId, id, shard: shardOf(id), state: 'active', disabledReason: null, holdUntil: null, version: 0 },
      ...{ verifiedAt: null, breakerOpenedAt: null, createdAt: now, updatedAt: now },
    };
    const [, firstSecret] = await Promise.all([
      this.endpoints.insert(tx, endpoint),
      this.secrets.issue(tx, endpoint, { kind: kindOf[input.signing ?? 'v1'], notBefore: now }),
    ]);
    await this.credentials.save(tx, endpoint, input);
    return { ...endpoint, firstSecret };
  }

  async change(tx: Tx, tenantId: string, id: string, edit: EndpointEdit): Promise<Endpoint> {
    this.check(edit);
    const change: EndpointChange = normalised({ ...edit, ...this.credentials.shown(edit) });
    const endpoint = await this.locked(tx, tenantId, id);
    await this.credentials.save(tx, endpoint, edit);
    const decision = changeEndpoint(endpoint, change, this.clock.now());
    // Whoever switches it on gives it all of its time again.
    if (decision.next.state === 'active' && endpoint.state !== 'active') await this.health.forget(tx, tenantId, id);
    return this.save(tx, decision, {});
  }

  /** Its receiver consented, at the URL that was asked; a consent that an edit has overtaken is worth nothing. */
  async verified(tx: Tx, tenantId: string, id: string, url: string): Promise<Endpoint> {
    const endpoint = await this.locked(tx, tenantId, id);
    if (endpoint.url !== url) return endpoint;
    const next = { ...endpoint, verifiedAt: this.clock.now() };
    await this.endpoints.update(tx, next);
    return next;
  }

  /** Something that others should know of an endpoint which goes on as it is. */
  async tell(tx: Tx, endpoint: Endpoint, fact: EndpointFact, trigger: EndpointTrigger = {}): Promise<void> {
    await this.save(tx, tellOf(endpoint, fact), trigger);
  }

  /** What its receiver asked for. An endpoint that is gone or already off needs nothing. */
  async disable(tx: Tx, { tenantId, id, reason, trigger }: DisableRequest): Promise<void> {
    const endpoint = await this.endpoints.lock(tx, tenantId, id);
    if (endpoint === null || endpoint.state === 'disabled') return;
    await this.save(tx, disableEndpoint(endpoint, reason, this.clock.now()), trigger);
  }

  /** 429 or 503 with Retry-After: it survives a restart, so that the receiver's wish does too. */
  hold(tx: Tx, holds: readonly Hold[]): Promise<void> {
    return this.endpoints.hold(tx, holds);
  }

  /** What waits for the endpoint is aborted by a worker afterwards: there may be very much of it. */
  async remove(tx: Tx, tenantId: string, id: string): Promise<Endpoint> {
    const endpoint = await this.locked(tx, tenantId, id);
    const next = removeEndpoint(endpoint, this.clock.now());
    await this.credentials.forget(tx, next);
    await this.endpoints.update(tx, next);
    return next;
  }

  async get(tx: Tx, tenantId: string, id: string): Promise<Endpoint> {
    const endpoint = await this.endpoints.find(tx, tenantId, id);
    if (endpoint === null) throw notFound('webhook endpoint', id);
    return endpoint;
  }

  page(tx: Tx, tenantId: string, page: PageBefore): Promise<Endpoint[]> {
    return this.endpoints.page(tx, tenantId, page);
  }

  private async locked(tx: Tx, tenantId: string, id: string): Promise<Endpoint> {
    const endpoint = await this.endpoints.lock(tx, tenantId, id);
    if (endpoint === null) throw notFound('webhook endpoint', id);
    return endpoint;
  }

  private async save(tx: Tx, { next, facts }: EndpointDecision, trigger: EndpointTrigger): Promise<Endpoint> {
    await Promise.all([
      this.endpoints.update(tx, next),
      this.outbox.append(tx, endpointEvents(next, facts, trigger, this.clock.now())),
    ]);
    return next;
  }

  private check({ url, eventTypes, filter, payloadVersion }: EndpointEdit): void {
    refuseUnknownTypes(eventTypes ?? null, isSubscribable);
    refuseBadFilter(filter);
    refuseUnknownVersion(payloadVersion, payloadVersions.current);
    const refusal = url === undefined ? null : this.guard.refusal(new URL(url));
    if (refusal === null) return;
    throw new DomainError('url_not_allowed', `The URL ${refusal}.`, { errors: [{ pointer: '/url', detail: refusal }] });
  }
}

/** A new endpoint is sent what is current, for good. */
const pinned = { payloadVersion: payloadVersions.current };

/** As it is stored: a URL in its one spelling, each event type and channel once. */
function normalised<T extends SettingsChange>(change: T): T {
  const { url, eventTypes, channels } = change;
  return {
    ...change,
    url: url && new URL(url).href,
    eventTypes: eventTypes && [...new Set(eventTypes)],
    channels: channels && [...new Set(channels)],
  };
}
