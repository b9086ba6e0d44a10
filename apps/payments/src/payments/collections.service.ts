import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { isUuid } from '@quittance/service-kit/http/path-id';
import { newId } from '@quittance/service-kit/id';
import { PaymentsConfig } from '../config.ts';
import { businessDateOf, dateOf } from '../domain/calendar.ts';
import { collect } from '../domain/collection.ts';
import type { Ask, Collection } from '../domain/collection.ts';
import { displayIdOf } from '../domain/display-id.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { PaymentMethodRepository } from '../payment-methods/payment-method.repository.ts';
import { TestClockRepository } from '../test-clock/test-clock.repository.ts';
import { AttemptRepository } from './attempt.repository.ts';
import { askOf, isCharged, isRetry } from './due-event.ts';
import type { DueEvent } from './due-event.ts';
import { Facts } from './facts.service.ts';
import { PaymentRepository } from './payment.repository.ts';

type Asked = Ask & { readonly event: DueEvent; readonly methodId: string | null };

/** What is known before deciding, each by its key. */
interface Known {
  readonly made: ReadonlySet<string>;
  readonly earlier: ReadonlyMap<string, readonly Payment[]>;
  readonly methods: ReadonlyMap<string, PaymentMethod>;
}

const sourceKey = (source: { tenantId: string; sourceType: string | null; sourceId: string | null }) =>
  `${source.tenantId} ${source.sourceType} ${source.sourceId}`;
const methodKey = (tenantId: string, id: string | null) => `${tenantId} ${id}`;

/**
 * Turns what billing wants collected into payments with one open attempt each; a worker charges them after the
 * commit.
 */
@Injectable()
export class CollectionsService {
  private readonly log = new Logger(CollectionsService.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly attempts: AttemptRepository,
    private readonly methods: PaymentMethodRepository,
    private readonly clocks: TestClockRepository,
    private readonly facts: Facts,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** A batch of any size and any mix of tenants is two round trips. */
  async collect(tx: Tx, events: readonly DueEvent[]): Promise<void> {
    const now = this.clock.now();
    const due = events.filter(isCharged);
    if (due.length === 0) return;
    const asked = firstOfEachSource(await this.asksOf(tx, due, now));
    const known = await this.load(tx, asked);
    const decided = asked.flatMap((ask) => {
      const collection = this.decide(ask, known, now);
      return collection ? [{ ...collection, event: ask.event }] : [];
    });
    await this.save(tx, decided);
  }

  private async asksOf(tx: Tx, events: readonly DueEvent[], now: Date): Promise<Asked[]> {
    const days = this.config.allowTestClock
      ? await this.clocks.latestDays(tx, [...new Set(events.map(({ tenantid }) => tenantid))])
      : new Map<string, string>();
    return events.map((event) => {
      const reached = days.get(event.tenantid) ?? null;
      const when = { dueOn: event.data.dueOn, isRetry: isRetry(event) };
      return {
        ...askOf(event),
        ...{ event, methodId: event.data.paymentMethodId ?? null },
        businessOn: this.config.allowTestClock ? businessDateOf(when, reached, dateOf(now)) : null,
      };
    });
  }

  private async load(tx: Tx, asked: readonly Asked[]): Promise<Known> {
    // What is not one of our ids is no payment method of ours; the column would refuse it.
    const methodKeys = asked.flatMap(({ tenantId, methodId }) =>
      methodId !== null && isUuid(methodId) ? [{ tenantId, id: methodId }] : [],
    );
    const [payments, made, methods] = await Promise.all([
      this.payments.lockOfSources(tx, asked),
      this.attempts.findMade(tx, asked),
      this.methods.findMany(tx, methodKeys),
    ]);
    return {
      made: new Set(made.map((attempt) => `${sourceKey(attempt)} ${attempt.sourceAttempt}`)),
      // Oldest first, as they were locked.
      earlier: Map.groupBy(payments, sourceKey),
      methods: new Map(methods.map((method) => [methodKey(method.tenantId, method.id), method])),
    };
  }

  private decide(asked: Asked, known: Known, now: Date): Collection | null {
    const { event: _event, methodId, ...ask } = asked;
    const key = sourceKey(ask);
    const { tenantId, sourceId, sourceAttempt } = ask;
    if (known.made.has(`${key} ${sourceAttempt}`)) return null;
    const id = newId();
    const collection = collect(ask, {
      earlier: known.earlier.get(key) ?? [],
      method: known.methods.get(methodKey(tenantId, methodId?.toLowerCase() ?? null)) ?? null,
      today: ask.businessOn ?? dateOf(now),
      now,
      newPayment: { id, displayId: displayIdOf(id) },
    });
    if (!collection) this.log.warn({ tenantId, sourceId, sourceAttempt }, 'not collected: an attempt is still open');
    return collection;
  }

  private async save(tx: Tx, decided: readonly (Collection & { event: DueEvent })[]): Promise<void> {
    const ofKind = (isNew: boolean) => decided.filter((one) => one.isNew === isNew).map(({ payment }) => payment);
    const attempts = decided.map(({ attempt, event }) => ({
      ...attempt,
      correlationId: event.correlationid,
      traceparent: event.traceparent ?? null,
    }));
    await Promise.all([
      this.payments.insert(tx, ofKind(true)),
      this.payments.update(tx, ofKind(false)),
      this.attempts.insert(tx, attempts),
      this.facts.say(
        tx,
        decided.flatMap(({ facts, event }) => facts.map((fact) => ({ ...fact, origin: { cause: event } }))),
      ),
    ]);
  }
}

/** Two askings for one source in one batch: the second would find the first one's attempt open. */
function firstOfEachSource(asked: readonly Asked[]): Asked[] {
  const first = new Map<string, Asked>();
  for (const ask of asked) if (!first.has(sourceKey(ask))) first.set(sourceKey(ask), ask);
  return [...first.values()];
}
