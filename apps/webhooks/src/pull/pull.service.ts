import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Readiness } from '@quittance/service-kit/health/readiness';
import { invalidRequest, notFound } from '@quittance/service-kit/http/problem';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import { render } from '../deliveries/render.ts';
import { parseSecret } from '../deliveries/signature.ts';
import { wants } from '../domain/endpoint.ts';
import { acceptanceOf } from '../domain/matching.ts';
import { pickPage, positionIn } from '../domain/pull.ts';
import { payloadVersions } from '../endpoints/event-catalogue.ts';
import { consumerSecretPlace } from '../endpoints/secret-place.ts';
import type { Pulled, PullConsumer, PulledMessage } from './pull-consumer.ts';
import { PullConsumerRepository } from './pull-consumer.repository.ts';
import type { ScannedRow, StoredConsumer } from './pull-consumer.repository.ts';
import { PullPositionRepository } from './pull-position.repository.ts';
import { PullWaits } from './pull-waits.ts';

/** Looked at for one page, at most, so that who wants little of much does not read it all in one request. */
const scanPage = 1_000;
/** Where a filter looks into each of them. */
const scanPageWithBodies = 100;
const scansMax = 10;
const bytesMax = 4 * 1024 * 1024;
/** Messages that another process stored are noticed this much later. */
const lookAgainMs = 1_000;

export interface PullRequest {
  readonly tenantId: string;
  readonly id: string;
  /** The key of the cursor; null: from where the consumer said that it was. */
  readonly cursor: string | null;
  readonly limit: number;
  readonly waitMs: number;
  /** Nobody listens any more. */
  readonly gone: AbortSignal;
}

/**
 * The next messages of a pull consumer: at least once, in the order of their places.
 *
 * A cursor says that everything up to it is dealt with, which is written down before the answer: a consumer that lost
 * it goes on there. What it was handed and did not acknowledge it gets again. Nothing is open while a request waits.
 */
@Injectable()
export class PullService {
  constructor(
    private readonly db: Database,
    private readonly consumers: PullConsumerRepository,
    private readonly positions: PullPositionRepository,
    private readonly waits: PullWaits,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
    private readonly readiness: Readiness,
  ) {}

  async pull(request: PullRequest): Promise<Pulled> {
    const { tenantId, waitMs, gone } = request;
    const until = performance.now() + waitMs;
    let pulled = await this.db.withTenant(tenantId, (tx) => this.begin(tx, request));
    for (let scans = 1; pulled.messages.length === 0; scans += 1) {
      const leftMs = until - performance.now();
      const isOver = gone.aborted || this.readiness.isDraining;
      if (pulled.hasMore ? scans >= scansMax || isOver : leftMs <= 0 || isOver) break;
      if (!pulled.hasMore) await this.waits.next(tenantId, Math.min(leftMs, lookAgainMs), gone);
      const { after } = pulled;
      pulled = await this.db.withTenant(tenantId, async (tx) =>
        this.read(tx, await this.get(tx, tenantId, request.id), { after, limit: request.limit }),
      );
    }
    return pulled;
  }

  private async begin(tx: Tx, request: PullRequest): Promise<Pulled> {
    const consumer = await this.get(tx, request.tenantId, request.id);
    const { limit } = request;
    if (request.cursor === null) return this.read(tx, consumer, { after: consumer.acknowledged, limit });
    const position = await this.acknowledged(tx, consumer, request.cursor);
    return this.read(tx, consumer, { after: position, limit });
  }

  private async acknowledged(tx: Tx, consumer: StoredConsumer, cursor: string): Promise<bigint> {
    const position = positionIn(cursor, consumer.id);
    // One that nobody was handed would skip what is still to come.
    if (position === null || position > (await this.positions.last(tx, consumer.tenantId))) {
      throw invalidRequest([{ parameter: 'cursor', detail: 'is not a cursor of this consumer' }]);
    }
    await this.consumers.acknowledge(tx, consumer, position, this.clock.now());
    return position;
  }

  private async read(tx: Tx, consumer: StoredConsumer, from: { after: bigint; limit: number }): Promise<Pulled> {
    const { tenantId, id, ciphertext } = consumer;
    const withBodies = consumer.filter !== null;
    const scanned = withBodies ? scanPageWithBodies : scanPage;
    const rows = await this.consumers.scan(tx, tenantId, { after: from.after, limit: scanned, withBodies });
    const { ids, after, hasMore } = pickPage(rows, {
      ...{ after: from.after, limit: from.limit, bytesMax, scanned, matches: asking(consumer) },
    });
    const messages = (await this.consumers.messages(tx, tenantId, ids)).map((stored) => shown(stored, consumer));
    const key = parseSecret(this.secrets.open(ciphertext, consumerSecretPlace(tenantId, id)));
    return { consumer, key, messages, after, hasMore };
  }

  private async get(tx: Tx, tenantId: string, id: string): Promise<StoredConsumer> {
    const consumer = await this.consumers.find(tx, tenantId, id);
    if (consumer === null) throw notFound('pull consumer', id);
    return consumer;
  }
}

/** By the rules of endpoints, so that pulled and pushed are the same messages. */
function asking(consumer: PullConsumer): (row: ScannedRow) => boolean {
  const { eventTypes, payloadVersion } = consumer;
  const accepts = acceptanceOf(consumer);
  return ({ type, channels, body }) =>
    wants({ state: 'active', eventTypes }, type) &&
    payloadVersions.takes(type, payloadVersion) &&
    accepts({ type, channels, content: body && (JSON.parse(body.toString('utf8')) as unknown) });
}

/** One that cannot be made into what is asked for is shown as it is kept: held back, it would hold back all others. */
function shown(stored: PulledMessage, consumer: PullConsumer): PulledMessage {
  try {
    const body = render(stored, consumer);
    return { ...stored, body, type: payloadVersions.sentAs(stored.type, consumer.payloadVersion) };
  } catch {
    return stored;
  }
}
