import { Database } from './database.ts';
import { decideAction, decideCharge, decideFollowUp } from './decide.ts';
import type { ChargeSoFar, Decision, OperationRequest } from './decide.ts';
import { digest, instrumentOf } from './instruments.ts';
import type { Operation } from './instruments.ts';
import { noonOf, outcome, whatFollows } from './later.ts';
import type { Due } from './later.ts';
import { Notifications, notificationsSchema } from './notifications.ts';
import { Operations, fingerprintOf, operationsSchema } from './operations.ts';
import type { Done } from './operations.ts';

export interface BooksOptions {
  readonly file: string;
  /** How long a business day lasts for charges on real time. */
  readonly dayMs?: number;
  /** After that an outcome that was never answered is told by a notification. */
  readonly lateAnswerMs?: number;
}

interface Said {
  readonly type: string;
  readonly data: { readonly operation: Operation; readonly key: string; readonly status: Done['status'] };
}

/** Decides once for each key, and says later what follows: each step one commit of the store. */
export class Books {
  readonly notifications: Notifications;
  private readonly db: Database;
  private readonly operations: Operations;
  private readonly dayMs: number;
  private readonly lateAnswerMs: number;

  constructor({ file, dayMs = 86_400_000, lateAnswerMs = 15_000 }: BooksOptions) {
    this.db = new Database(file, operationsSchema + notificationsSchema);
    this.operations = new Operations(this.db);
    this.notifications = new Notifications(this.db);
    this.dayMs = dayMs;
    this.lateAnswerMs = lateAnswerMs;
  }

  close(): void {
    this.db.close();
  }

  /** What was decided about this key, now or long ago; `conflict` when the key was used for something else. */
  operate(request: OperationRequest): Done | 'conflict' {
    const fingerprint = fingerprintOf(request);
    return this.db.tx(() => {
      const known = this.operations.find(request.operation, request.key);
      if (known) return known.request === fingerprint ? known.done : 'conflict';
      const now = nowOf(request.on);
      const charge = request.operation === 'charge' ? undefined : this.operations.findCharge(request.chargeRef);
      const token = charge?.token ?? request.token;
      const { operation, key, account, subject, currency, capture } = request;
      const ref = `sbx_${digest(operation === 'charge' ? key : `${operation} ${key}`, 24)}`;
      const chargeRef = operation === 'charge' ? ref : request.chargeRef;
      // A capture and a void are steps of their charge and go by its name; a refund is a thing of its own.
      const name = operation === 'refund' ? ref : chargeRef;
      const about = { operation, key, ref: name, chargeRef, account, subject, token, capture, currency };
      const done: Done = { ...about, ...this.decide(request, token, now) };
      this.operations.insert(fingerprint, done);
      this.follow(done, now);
      return done;
    });
  }

  find(operation: Operation, key: string): Done | undefined {
    return this.operations.find(operation, key)?.done;
  }

  findCharge(ref: string): Done | undefined {
    return this.operations.findCharge(ref);
  }

  /** What a charge has come to: captured, given back, given up. */
  soFar(chargeRef: string): ChargeSoFar | undefined {
    return this.operations.soFar(chargeRef);
  }

  ofSubject(subject: string): Done[] {
    return this.operations.ofSubject(subject);
  }

  /** The customer's word on a charge that asked for it: once. */
  act(ref: string, approve: boolean): Done | 'unknown' | 'already' {
    return this.db.tx(() => {
      const charge = this.operations.findCharge(ref);
      if (!charge) return 'unknown';
      if (charge.status !== 'requires_action') return 'already';
      const now = nowOf(null);
      const next = this.operations.move(charge, decideAction(charge, charge.capture, approve));
      this.notifications.schedule(charge.account, [outcome({ request: next, ref }, next, now)]);
      this.follow(next, now);
      return next;
    });
  }

  /** What happened on an account up to the end of a day of its test clock, as notifications. */
  reachDay(account: string, on: string): unknown[] {
    return this.db.tx(() => this.settled(this.notifications.takeDay(account, on)));
  }

  /** Lets become true what is due on real time. */
  reachNow(): void {
    const now = new Date();
    this.db.tx(() => this.settled(this.notifications.takeDue(now)));
  }

  private decide(request: OperationRequest, token: string, { at }: Due): Decision {
    const instrument = instrumentOf(token);
    if (request.operation !== 'charge') {
      return decideFollowUp(request, this.operations.soFar(request.chargeRef), { instrument, at });
    }
    return decideCharge(request, instrument, { wasAsked: this.operations.wasAsked(request.subject, token), at });
  }

  private follow(done: Done, now: Due): void {
    const { ref, chargeRef, account, operation } = done;
    const instrument = instrumentOf(done.token);
    if (!instrument) return;
    const happened = { request: done, decision: done, instrument, ref, chargeRef, now, dayMs: this.dayMs };
    this.notifications.schedule(account, whatFollows(happened));
    if (instrument.isSilentOn !== operation) return;
    const late = { on: null, at: new Date(Date.now() + this.lateAnswerMs) };
    this.notifications.schedule(account, [outcome(happened, done, late)]);
  }

  /** An outcome that is said is also what a lookup answers from now on. */
  private settled(bodies: readonly string[]): unknown[] {
    return bodies.map((text) => {
      const body = JSON.parse(text) as Said;
      const known = body.type === 'outcome' ? this.find(body.data.operation, body.data.key) : undefined;
      if (known?.status === 'pending') this.operations.move(known, { ...known, status: body.data.status });
      return body;
    });
  }
}

function nowOf(on: string | null): Due {
  return { on, at: on === null ? new Date() : noonOf(on) };
}
