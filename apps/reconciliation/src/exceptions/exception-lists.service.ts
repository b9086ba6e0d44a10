import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { ageBuckets, bucketOf, openedIn } from '../domain/ageing.ts';
import type { AgeBucket } from '../domain/ageing.ts';
import { ExceptionListRepository } from './exception-list.repository.ts';
import type { ExceptionFilter, OpenedOnDay } from './exception-list.repository.ts';
import type { AgeingOfType, WorkException } from './work-exception.ts';

export type ListWish = Omit<ExceptionFilter, 'opened'> & { readonly bucket?: AgeBucket | undefined };

@Injectable()
export class ExceptionListsService {
  constructor(
    private readonly exceptions: ExceptionListRepository,
    private readonly clock: Clock,
  ) {}

  page(tx: Tx, tenantId: string, { bucket, ...filter }: ListWish): Promise<WorkException[]> {
    const opened = bucket && openedIn(bucket, this.clock.now());
    return this.exceptions.page(tx, tenantId, { ...filter, opened });
  }

  async ageing(tx: Tx, tenantId: string): Promise<{ asOf: Date; types: AgeingOfType[] }> {
    const now = this.clock.now();
    const days = await this.exceptions.ageing(tx, tenantId, now);
    const byType = Map.groupBy(days, ({ type }) => type);
    const types = [...byType].map(([type, of]) => aged(type, of, now));
    return { asOf: now, types: types.toSorted((a, b) => (a.type < b.type ? -1 : 1)) };
  }
}

function aged(type: string, days: readonly OpenedOnDay[], now: Date): AgeingOfType {
  const buckets = Object.fromEntries(ageBuckets.map((bucket) => [bucket, 0])) as Record<AgeBucket, number>;
  let [total, overdue] = [0, 0];
  for (const { openedOn, count, overdue: late } of days) {
    buckets[bucketOf(openedOn, now)] += count;
    total += count;
    overdue += late;
  }
  return { type, total, overdue, buckets };
}
