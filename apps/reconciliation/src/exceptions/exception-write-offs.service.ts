import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { DomainError } from '../domain/errors.ts';
import { nextState } from '../domain/exception-life.ts';
import { accountOfDifference, approvalsNeeded, approved, isAllowed } from '../domain/exception-write-off.ts';
import type { WriteOffLimits } from '../domain/exception-write-off.ts';
import { ExceptionsService } from './exceptions.service.ts';
import type { Actor } from './exceptions.service.ts';
import { ExceptionWriteOffRepository } from './exception-write-off.repository.ts';
import type { ExceptionWriteOff, WorkException } from './work-exception.ts';

/** How much one person may write off, and how much with one more. */
export abstract class WriteOffRules {
  abstract readonly limits: WriteOffLimits;
}

/**
 * A difference that nobody looks for any more. What is within the tolerance one person decides; above it others have to
 * agree. The ledger hears of it from a worker (book-write-offs.worker.ts): over HTTP nothing is booked.
 */
@Injectable()
export class ExceptionWriteOffsService {
  constructor(
    private readonly exceptions: ExceptionsService,
    private readonly writeOffs: ExceptionWriteOffRepository,
    private readonly rules: WriteOffRules,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError for an exception that is closed, has no amount or no known account, or waits already */
  async request(tx: Tx, on: WorkException, wish: Actor & { reason: string; account?: string | undefined }) {
    const { actor, reason, account } = wish;
    nextState(on.state, 'write_off');
    if (!on.amount || on.amount.minor === 0n) {
      throw new DomainError('write_off_without_amount', 'There is no amount to be written off.');
    }
    if (await this.writeOffs.find(tx, on)) throw waiting();
    const needed = approvalsNeeded(on.amount, this.rules.limits);
    const asked: ExceptionWriteOff = {
      ...{ tenantId: on.tenantId, id: newId(), exceptionId: on.id, amount: on.amount, reason },
      ...{ role: accountOfDifference(on.type, account), isSmall: needed === 0, approvalsNeeded: needed },
      ...{ requestedBy: actor, requestedAt: this.clock.now(), approvedBy: [], state: 'pending' },
      ...{ doneOn: null, undoneOn: null, bookedAt: null },
    };
    const isDone = isAllowed(asked);
    await this.writeOffs.insert(tx, isDone ? this.done(asked) : asked);
    if (isDone) return this.finish(tx, on, { actor, note: reason });
    await this.exceptions.remark(tx, on, { actor, action: 'request_write_off', note: reason });
  }

  /** @throws DomainError `approver_not_independent`, `invalid_transition` when nobody asked */
  async approve(tx: Tx, on: WorkException, { actor }: Actor): Promise<void> {
    const asked = await this.writeOffs.find(tx, on);
    if (asked?.state !== 'pending') throw notAsked(on);
    const now = approved(asked, actor);
    const isDone = isAllowed(now);
    await this.writeOffs.update(tx, isDone ? this.done(now) : now);
    await this.exceptions.remark(tx, on, { actor, action: 'approve_write_off', note: null });
    if (isDone) await this.finish(tx, on, { actor, note: asked.reason });
  }

  /** By whoever thinks otherwise, who asked for it too. */
  async reject(tx: Tx, on: WorkException, { actor, reason }: Actor & { reason: string }): Promise<void> {
    if (!(await this.writeOffs.withdraw(tx, on))) throw notAsked(on);
    await this.exceptions.remark(tx, on, { actor, action: 'reject_write_off', note: reason });
  }

  private done(writeOff: ExceptionWriteOff): ExceptionWriteOff {
    return { ...writeOff, state: 'done', doneOn: this.clock.now().toISOString().slice(0, 10) };
  }

  private async finish(tx: Tx, on: WorkException, wish: Actor & { note: string }): Promise<void> {
    await this.exceptions.step(tx, on, { action: 'write_off', ...wish });
  }
}

const waiting = () =>
  new DomainError('invalid_transition', 'A write-off waits for approval.', {
    allowedActions: ['approve', 'reject'],
  });
const notAsked = ({ state }: WorkException) =>
  new DomainError('invalid_transition', 'No write-off waits for approval.', {
    allowedActions: state === 'written_off' ? ['reopen'] : ['write_off'],
  });
