import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { DomainError } from '../domain/errors.ts';
import { stepped } from '../domain/exception-life.ts';
import type { ExceptionStep } from '../domain/exception-life.ts';
import { exceptionTypes } from '../domain/exception.ts';
import { ExceptionCaseRepository } from './exception-case.repository.ts';
import type { ExceptionKey } from './exception-case.repository.ts';
import { exceptionEvent } from './exception-event.ts';
import type { ExceptionCase, WorkException } from './work-exception.ts';
import { ExceptionWriteOffRepository } from './exception-write-off.repository.ts';

const HOUR_MS = 3_600_000;

/** What a person does, without the time. */
export type Wish = Omit<ExceptionStep, 'at' | 'dueAt'> & { readonly note?: string | undefined };
/** Who does it. */
export interface Actor {
  readonly actor: string;
}
/** People's work on exceptions: each step of it is a line of the history and an event, for good. */
@Injectable()
export class ExceptionsService {
  constructor(
    private readonly cases: ExceptionCaseRepository,
    private readonly writeOffs: ExceptionWriteOffRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async get(tx: Tx, key: ExceptionKey): Promise<ExceptionCase | null> {
    const exception = await this.cases.find(tx, key);
    if (!exception) return null;
    const [history, writeOff] = await Promise.all([this.cases.history(tx, key), this.writeOffs.find(tx, key)]);
    return { exception, history, writeOff };
  }

  /** Holds the row, so that steps of two people come one after the other. */
  lock(tx: Tx, key: ExceptionKey): Promise<WorkException | null> {
    return this.cases.lock(tx, key);
  }

  /** @throws DomainError `invalid_transition` */
  async step(tx: Tx, before: WorkException, { actor, note, ...wish }: Wish & Actor): Promise<WorkException> {
    const at = this.clock.now();
    if (wish.action === 'reopen') await this.refuseSecond(tx, before);
    const dueAt = new Date(at.getTime() + exceptionTypes[before.type].dueHours * HOUR_MS);
    const life = stepped(before, { ...wish, at, dueAt });
    const after = await this.cases.update(tx, before, life);
    await Promise.all([
      this.cases.tell(tx, after, { action: wish.action, actor, note: note ?? null, at }),
      this.outbox.append(tx, [exceptionEvent(after, wish.action, at)]),
    ]);
    // Closed in another way, there is nothing left to write off; opened again, what was written off is expected again.
    if (wish.action === 'resolve') await this.writeOffs.withdraw(tx, after);
    if (wish.action === 'reopen') await this.writeOffs.undo(tx, after, at);
    return after;
  }

  /** What changes no state: a remark, or a step of a write-off. */
  async remark(tx: Tx, on: WorkException, { actor, action, note }: Actor & { action: string; note: string | null }) {
    await this.cases.tell(tx, on, { action, actor, note, at: this.clock.now() });
  }

  private async refuseSecond(tx: Tx, before: WorkException): Promise<void> {
    if (before.closedAt !== null && (await this.cases.hasSuccessor(tx, before))) {
      throw new DomainError('invalid_transition', 'The same was found again, and is open.', { allowedActions: [] });
    }
  }
}
