import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { notFound } from '@quittance/service-kit/http/problem';
import { newId } from '@quittance/service-kit/id';
import { BacklogRepository } from '../backlog/backlog.repository.ts';
import { refuseUnknownTypes } from '../domain/endpoint.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { DomainError } from '../domain/errors.ts';
import { cancelReplay, idAt, startReplay } from '../domain/replay.ts';
import type { Replay, ReplayRequest } from '../domain/replay.ts';
import { EndpointsService } from '../endpoints/endpoints.service.ts';
import { isSubscribable } from '../endpoints/event-catalogue.ts';
import type { Enabled, WantedRecovery, WantedReplay } from './replay-request.ts';
import { ReplayRepository } from './replay.repository.ts';
import type { ReplayFilter } from './replay.repository.ts';

/** Producers' clocks may be ahead of ours by this much: an event of this moment is not left out for it. */
const skewMs = 60_000;
const defaultRate = 50;

@Injectable()
export class ReplaysService {
  constructor(
    private readonly replays: ReplayRepository,
    private readonly backlogs: BacklogRepository,
    private readonly endpoints: EndpointsService,
    private readonly clock: Clock,
  ) {}

  /** Of a stretch of time everything, unless told otherwise. */
  async replay(tx: Tx, tenantId: string, wanted: WantedReplay): Promise<Replay> {
    const { endpointId, from, to = this.clock.now(), eventTypes = null, onlyFailed = false } = wanted;
    refuseUnknownTypes(eventTypes, isSubscribable);
    await this.activeEndpoint(tx, tenantId, endpointId);
    const range = { fromId: idAt(from), untilId: idAt(to) };
    return this.start(tx, { tenantId, endpointId, ...range, eventTypes, onlyFailed, ...rateOf(wanted) });
  }

  /** Since an instant or an event whatever the endpoint has not taken, unless told otherwise. */
  async recover(tx: Tx, tenantId: string, wanted: WantedRecovery): Promise<Replay> {
    const { endpointId, since, sinceId, onlyFailed = true } = wanted;
    await this.activeEndpoint(tx, tenantId, endpointId);
    const fromId = sinceId?.toLowerCase() ?? idAt(since ?? this.clock.now());
    const range = { fromId, untilId: this.untilNow() };
    return this.start(tx, { tenantId, endpointId, ...range, eventTypes: null, onlyFailed, ...rateOf(wanted) });
  }

  /** Switches it on; what it missed while it was off follows, if that is wished. */
  async enable(tx: Tx, tenantId: string, id: string, recover: boolean): Promise<Enabled> {
    const before = await this.endpoints.get(tx, tenantId, id);
    const endpoint = await this.endpoints.change(tx, tenantId, id, { state: 'active' });
    const fromId = recover ? await this.missedSince(tx, before) : null;
    if (fromId === null) return { endpoint, replay: null };
    const range = { fromId, untilId: this.untilNow() };
    const request = { tenantId, endpointId: id, ...range, eventTypes: null, onlyFailed: true, ...rateOf({}) };
    return { endpoint, replay: await this.start(tx, request) };
  }

  async get(tx: Tx, tenantId: string, id: string): Promise<Replay> {
    const replay = await this.replays.find(tx, tenantId, id);
    if (replay === null) throw notFound('webhook replay', id);
    return replay;
  }

  page(tx: Tx, tenantId: string, filter: ReplayFilter): Promise<Replay[]> {
    return this.replays.page(tx, tenantId, filter);
  }

  /** What it has queued stays queued. */
  async cancel(tx: Tx, tenantId: string, id: string): Promise<Replay> {
    const replay = await this.replays.lock(tx, tenantId, id);
    if (replay === null) throw notFound('webhook replay', id);
    const next = cancelReplay(replay, this.clock.now());
    await this.replays.update(tx, next);
    return next;
  }

  private async start(tx: Tx, request: Omit<ReplayRequest, 'id'>): Promise<Replay> {
    const replay = startReplay({ ...request, id: newId() }, this.clock.now());
    await this.replays.insert(tx, replay);
    return replay;
  }

  private async activeEndpoint(tx: Tx, tenantId: string, id: string): Promise<void> {
    const { state } = await this.endpoints.get(tx, tenantId, id);
    if (state === 'active') return;
    throw new DomainError('endpoint_not_active', 'The endpoint is not active: enable it first.');
  }

  /** Where its first gap begins. An event may be on its way into one that is not there yet: then since it was off. */
  private async missedSince(tx: Tx, endpoint: Endpoint): Promise<string | null> {
    const [first] = await this.backlogs.openGaps(tx, endpoint.tenantId, endpoint.id);
    if (first !== undefined) return first.firstMessageId;
    return endpoint.state === 'disabled' ? idAt(endpoint.updatedAt) : null;
  }

  private untilNow(): string {
    return idAt(new Date(this.clock.now().getTime() + skewMs));
  }
}

function rateOf({ ratePerSecond = defaultRate }: { ratePerSecond?: number | undefined }) {
  return { ratePerSecond };
}
