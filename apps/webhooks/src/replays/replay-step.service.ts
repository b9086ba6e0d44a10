import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { BacklogRepository } from '../backlog/backlog.repository.ts';
import { wants } from '../domain/endpoint.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { acceptanceOf } from '../domain/matching.ts';
import { advanceReplay, chooseForReplay, failReplay, postponeReplay } from '../domain/replay.ts';
import type { Replay } from '../domain/replay.ts';
import { EndpointRepository } from '../endpoints/endpoint.repository.ts';
import { payloadVersions } from '../endpoints/event-catalogue.ts';
import { ReplayQueueRepository } from './replay-queue.repository.ts';
import type { StoredCandidate } from './replay-queue.repository.ts';
import { ReplayRepository } from './replay.repository.ts';

const pageMax = 500;
const writersMs = 50;
const busyMs = 1_000;
const pausedMs = 5_000;

/**
 * One step of the replay that has waited longest: a page of messages is looked at, what belongs to it is queued, and
 * the cursor moves, in one transaction. A crash before the commit: the step is taken anew. After it: the next follows.
 *
 * Live traffic goes first: while as much is due to the endpoint as a second of the replay's rate, the replay adds
 * nothing. So nothing new waits behind more than one step of old, and a recovery never fills the queue.
 */
@Injectable()
export class ReplayStepService {
  constructor(
    private readonly replays: ReplayRepository,
    private readonly queue: ReplayQueueRepository,
    private readonly endpoints: EndpointRepository,
    private readonly backlogs: BacklogRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** How many deliveries were queued; null: no replay has anything to do now. */
  async take(tx: Tx): Promise<number | null> {
    const now = this.clock.now();
    const due = await this.replays.claimDue(tx, now);
    if (due === null) return null;
    const { replay, isSettled } = due;
    if (!isSettled) {
      await this.replays.awaitWriters(tx, replay, new Date(now.getTime() + writersMs));
      return 0;
    }
    // Locked: neither another replay nor a retry by hand opens a delivery between our look and our row.
    const endpoint = await this.endpoints.lock(tx, replay.tenantId, replay.endpointId);
    const next = await this.next(tx, replay, endpoint, now);
    await this.replays.update(tx, next);
    if (next.state === 'completed') await this.closeGaps(tx, next, now);
    return next.replayed - replay.replayed;
  }

  private async next(tx: Tx, replay: Replay, endpoint: Endpoint | null, now: Date): Promise<Replay> {
    if (endpoint === null) return failReplay(replay, 'endpoint_removed', now);
    if (endpoint.state === 'disabled') return failReplay(replay, 'endpoint_disabled', now);
    if (endpoint.state === 'paused') return postponeReplay(replay, now, pausedMs);
    const waiting = await this.queue.countDue(tx, endpoint, now, replay.ratePerSecond);
    if (waiting >= replay.ratePerSecond) return postponeReplay(replay, now, busyMs);
    const page = await this.queue.candidates(tx, replay, endpoint, pageMax);
    const rules = { accepts: acceptor(endpoint), budget: replay.ratePerSecond - waiting, pageMax };
    const { chosen, step } = chooseForReplay(replay, page, rules);
    const eventIds = await this.queue.enqueue(tx, endpoint, chosen, now);
    const next = advanceReplay(replay, { ...step, replayed: eventIds.length }, now);
    if (eventIds.length > 0) await this.tell(tx, next, eventIds, now);
    return next;
  }

  private tell(tx: Tx, replay: Replay, eventIds: readonly string[], time: Date): Promise<void> {
    const { tenantId, id, endpointId, version } = replay;
    const data = { endpointId, replayId: id, eventIds: [...eventIds] };
    return this.outbox.append(tx, [
      { type: 'webhook_delivery.replayed', tenantId, subject: id, sequence: version, data, time },
    ]);
  }

  /** Some types only, or only some of a gap: then the rest is still missed. */
  private async closeGaps(tx: Tx, replay: Replay, now: Date): Promise<void> {
    if (replay.eventTypes !== null) return;
    const { tenantId, endpointId, id: replayId, fromId, untilId } = replay;
    await this.backlogs.closeGaps(tx, { tenantId, endpointId, replayId, fromId, untilId }, now);
  }
}

/** As for a new event: its types, its versions, its channels and its filter as they are now. */
function acceptor(endpoint: Endpoint): (candidate: StoredCandidate) => boolean {
  const accepts = acceptanceOf(endpoint);
  return ({ type, channels, body }) =>
    wants(endpoint, type) &&
    payloadVersions.takes(type, endpoint.payloadVersion) &&
    accepts({ type, channels, content: body === null ? null : JSON.parse(body.toString()) });
}
