import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { notFound } from '../domain/errors.ts';
import type { Media } from '../domain/media.ts';
import type { InspectedFile } from './inspect-file.ts';
import { MediaRepository } from './media.repository.ts';
import type { PaymentMediaKey } from './media.repository.ts';
import { MediaStore } from './media-store.ts';

const found = metrics.counter('card_data_in_files_total', 'Files with card numbers, masked or only told', ['done']);

/** The files of a payment. They are no part of its state: its version and its events are the same with and without. */
@Injectable()
export class MediaService {
  private readonly log = new Logger(MediaService.name);

  constructor(
    private readonly media: MediaRepository,
    private readonly store: MediaStore,
    private readonly clock: Clock,
  ) {}

  /** The payment must exist. The same bytes again are the media that is there, under its first name. */
  async add(
    tx: Tx,
    payment: { tenantId: string; paymentId: string },
    { bytes, ...known }: InspectedFile & { name: string },
  ): Promise<Media> {
    const added: Media = { ...payment, ...known, id: newId(), sizeBytes: bytes.length, createdAt: this.clock.now() };
    if (!(await this.media.insert(tx, added))) return (await this.media.findSame(tx, added))!;
    await this.store.put(tx, added, bytes);
    if (added.masked || added.suspected) tx.afterCommit(() => this.report(added));
    return added;
  }

  async get(tx: Tx, key: PaymentMediaKey): Promise<{ media: Media; bytes: Buffer }> {
    const [media, bytes] = await Promise.all([this.media.find(tx, key), this.store.get(tx, key)]);
    if (media === null || bytes === null) throw notFound('media', key.id);
    return { media, bytes };
  }

  async remove(tx: Tx, key: PaymentMediaKey): Promise<Media> {
    const media = await this.media.find(tx, key);
    if (media === null) throw notFound('media', key.id);
    await this.store.delete(tx, key);
    await this.media.delete(tx, key);
    return media;
  }

  private report({ tenantId: tenant, paymentId: payment, id: media, masked }: Media): void {
    const done = masked ? 'masked' : 'suspected';
    found.inc({ done });
    this.log.warn({ audit: 'card_data_in_file', done, tenant, payment, media }, 'card data in a file');
  }
}
