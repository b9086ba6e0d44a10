import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { moveDisbursementRequest } from '../domain/disbursement-request.ts';
import type { DisbursementRequest, DisbursementTerms } from '../domain/disbursement-request.ts';
import { DomainError } from '../domain/errors.ts';
import { distinct, keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { HeldOwnerRepository } from '../holds/held-owner.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { Disbursed } from '../withdrawals/withdrawal.ts';
import { DisbursementFundsService } from './disbursement-funds.service.ts';
import type { DisbursementPart } from './disbursement-request.entity.ts';
import { disbursementRequestEvent } from './disbursement-request.events.ts';
import { DisbursementRequestRepository } from './disbursement-request.repository.ts';
import type { DisbursementRequestPage } from './disbursement-request.repository.ts';

const counted = metrics.counter('billing_disbursement_requests_total', 'Disbursement requests, by state', ['state']);

/** Money that is to be paid out: set aside here, paid by payments, and given back where that comes to nothing. */
@Injectable()
export class DisbursementRequestsService {
  private readonly log = new Logger(DisbursementRequestsService.name);

  constructor(
    private readonly requests: DisbursementRequestRepository,
    private readonly funds: DisbursementFundsService,
    private readonly holds: HeldOwnerRepository,
    private readonly time: TenantTime,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {}

  /**
   * As somebody asks for it.
   * @throws DomainError `funds_not_available` when the source holds less, or is held
   */
  async ask(tx: Tx, tenantId: string, terms: DisbursementTerms): Promise<DisbursementRequest> {
    if (await this.isHeld(tx, tenantId, terms)) {
      throw new DomainError('funds_not_available', 'A hold keeps the money here.', {
        errors: [{ pointer: '/owner/locator', detail: 'is held from being paid out' }],
      });
    }
    return this.create(tx, tenantId, terms);
  }

  /**
   * As a rule has it, with nobody there who could be told no.
   * @returns null where a hold keeps the money here: it stays unapplied, until somebody asks for it after the hold
   * @throws DomainError `funds_not_available` when the source holds less
   */
  async askUnlessHeld(tx: Tx, tenantId: string, terms: DisbursementTerms): Promise<DisbursementRequest | null> {
    return (await this.isHeld(tx, tenantId, terms)) ? null : this.create(tx, tenantId, terms);
  }

  private async isHeld(tx: Tx, tenantId: string, { source }: DisbursementTerms): Promise<boolean> {
    if (source.type !== 'unapplied') return false;
    const nowOf = await this.time.of(tx, [tenantId]);
    return this.holds.isHeld(tx, { tenantId, ...source }, nowOf(tenantId));
  }

  private async create(tx: Tx, tenantId: string, terms: DisbursementTerms): Promise<DisbursementRequest> {
    const nowOf = await this.time.of(tx, [tenantId]);
    const occasion = { time: nowOf(tenantId) };
    const head = { tenantId, id: newId(), state: 'requested', disbursementId: null, version: 1 } as const;
    const request = { ...terms, ...head, createdAt: this.clock.now() };
    const parts = await this.funds.reserve(tx, request, occasion);
    await Promise.all([
      this.requests.insert(tx, request, parts),
      this.outbox.append(tx, [disbursementRequestEvent('disbursement_request.created', request, occasion)]),
    ]);
    this.tell(tx, request);
    return request;
  }

  find(tx: Tx, key: TenantKey): Promise<DisbursementRequest | null> {
    return this.requests.find(tx, key);
  }

  page(tx: Tx, tenantId: string, page: DisbursementRequestPage): Promise<DisbursementRequest[]> {
    return this.requests.page(tx, tenantId, page);
  }

  /** Of disbursements that nobody asked for here there is nothing to follow. */
  async follow(tx: Tx, outcomes: readonly Disbursed[]): Promise<void> {
    const ours = outcomes.flatMap((event) => {
      const { requestId: id } = event.data;
      return id === undefined ? [] : [{ event, key: { tenantId: event.tenantid, id } }];
    });
    if (ours.length === 0) return;
    const nowOf = await this.time.of(tx, new Set(ours.map(({ key }) => key.tenantId)));
    // Each once, however many of its outcomes come together: what is found twice would be given back twice.
    const keys = distinct(ours.map(({ key }) => key));
    const { requests, parts } = await this.requests.lock(tx, keys);
    // All payments in their order first, so that taking the outcomes one by one waits for nobody in a ring.
    await this.funds.lock(tx, parts);
    const known = new Map(requests.map((request) => [keyOf(request), request]));
    for (const { event, key } of ours) {
      const request = known.get(keyOf(key));
      if (!request) throw new PoisonError(`disbursement request ${key.id} was never made here`);
      const own = parts.filter(({ tenantId, requestId: id }) => keyOf({ tenantId, id }) === keyOf(key));
      known.set(keyOf(key), await this.settle(tx, { event, request, parts: own, time: nowOf(key.tenantId) }));
    }
  }

  private async settle(tx: Tx, { event, request, parts, time }: Settlement): Promise<DisbursementRequest> {
    const isExecuted = event.type === 'disbursement.executed';
    const state = moveDisbursementRequest(request.state, isExecuted ? 'execute' : 'return');
    const { disbursementId } = event.data;
    const next = { ...request, state, disbursementId, version: request.version + (isExecuted ? 0 : 1) };
    const occasion = { time, cause: event };
    if (!isExecuted) await this.funds.giveBack(tx, request, parts, occasion);
    await Promise.all([
      this.requests.update(tx, next),
      this.outbox.append(
        tx,
        isExecuted ? [] : [disbursementRequestEvent('disbursement_request.returned', next, occasion)],
      ),
    ]);
    this.tell(tx, next);
    return next;
  }

  private tell(tx: Tx, { tenantId, id, state, source, amountMinor, currency, disbursementId }: DisbursementRequest) {
    tx.afterCommit(() => {
      counted.inc({ state });
      const ids = { tenantId, disbursementRequestId: id, disbursementId, ...source };
      this.log.log({ ...ids, state, amountMinor: Number(amountMinor), currency }, 'disbursement request');
    });
  }
}

interface Settlement {
  readonly event: Disbursed;
  readonly request: DisbursementRequest;
  readonly parts: readonly DisbursementPart[];
  readonly time: Date;
}
