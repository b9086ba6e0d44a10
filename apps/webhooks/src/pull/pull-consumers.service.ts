import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { notFound } from '@quittance/service-kit/http/problem';
import { newId } from '@quittance/service-kit/id';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import { randomBytes } from 'node:crypto';
import { defaultSettings, refuseUnknownTypes, withSettings } from '../domain/endpoint.ts';
import type { SettingsChange } from '../domain/endpoint.ts';
import { refuseBadFilter, refuseUnknownVersion } from '../domain/matching.ts';
import type { PageBefore } from '../endpoints/endpoint.repository.ts';
import { isSubscribable, payloadVersions } from '../endpoints/event-catalogue.ts';
import { consumerSecretPlace } from '../endpoints/secret-place.ts';
import type { PullConsumer } from './pull-consumer.ts';
import { PullConsumerRepository } from './pull-consumer.repository.ts';
import { PullPositionRepository } from './pull-position.repository.ts';

export type NewPullConsumer = SettingsChange & { readonly name: string };

@Injectable()
export class PullConsumersService {
  constructor(
    private readonly consumers: PullConsumerRepository,
    private readonly positions: PullPositionRepository,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
  ) {}

  /** It gets what is stored from now on. What committed before has a place that it does not look behind. */
  async create(tx: Tx, tenantId: string, { name, ...asked }: NewPullConsumer): Promise<PullConsumer> {
    refuseUnknownTypes(asked.eventTypes ?? null, isSubscribable);
    refuseBadFilter(asked.filter);
    refuseUnknownVersion(asked.payloadVersion, payloadVersions.current);
    const settings = withSettings({ ...defaultSettings, payloadVersion: payloadVersions.current }, asked);
    await this.positions.open(tx, tenantId);
    const id = newId();
    const ciphertext = this.secrets.seal(
      `whsec_${randomBytes(32).toString('base64')}`,
      consumerSecretPlace(tenantId, id),
    );
    const consumer = {
      ...{ ...settings, tenantId, id, name, ciphertext },
      eventTypes: settings.eventTypes && [...new Set(settings.eventTypes)],
      channels: settings.channels && [...new Set(settings.channels)],
      keyVersion: this.secrets.keyVersion,
      acknowledged: await this.positions.last(tx, tenantId),
      acknowledgedAt: null,
      createdAt: this.clock.now(),
    };
    await this.consumers.insert(tx, consumer);
    return consumer;
  }

  /** The secret in plain text: for the answer to the request that made the consumer, and its replay. */
  async reveal(tx: Tx, tenantId: string, id: string): Promise<string | null> {
    const stored = await this.consumers.find(tx, tenantId, id);
    return stored && this.secrets.open(stored.ciphertext, consumerSecretPlace(tenantId, id));
  }

  page(tx: Tx, tenantId: string, page: Omit<PageBefore, 'only'>): Promise<PullConsumer[]> {
    return this.consumers.page(tx, tenantId, page);
  }

  async remove(tx: Tx, tenantId: string, id: string): Promise<PullConsumer> {
    const removed = await this.consumers.delete(tx, tenantId, id);
    if (removed === null) throw notFound('pull consumer', id);
    return removed;
  }
}
