import type { Claim } from '../domain/dispute.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Operation } from '../providers/provider.ts';
import type { Random } from './random.ts';

export interface Asked {
  readonly operation: Operation;
  readonly key: string;
  /** The charge that it follows, or what is charged. */
  readonly chargeRef: string | null;
  readonly amountMinor: bigint;
  /** Of a charge: false only holds the amount. */
  readonly capture: boolean;
}

/** Money that really moved, by whatever key. */
export interface Movement {
  readonly key: string;
  readonly ref: string;
  readonly kind: 'charged' | 'captured' | 'refunded';
  readonly chargeRef: string;
  readonly amountMinor: bigint;
}

interface Done {
  outcome: ProviderOutcome;
  readonly asked: Asked;
}

/** Says what became of a key, unasked. */
export type Notify = (operation: Operation, key: string, outcome: ProviderOutcome) => void;

const declined = (category: 'soft' | 'hard', ref: string | null): ProviderOutcome => ({
  ...{ kind: 'declined', ref, code: category === 'soft' ? 'insufficient_funds' : 'stolen_card', category },
  recommendedAction: 'none',
});

/**
 * A provider as contracts promise it: one key, one effect, whatever happens to the answers; some outcomes come later,
 * a few are revoked, and what it confirms is not always what it was asked for.
 */
export class SimulatedProvider {
  readonly moved: Movement[] = [];
  /** How disputes ended, by their charge. */
  readonly disputes = new Map<string, 'won' | 'lost'>();
  onClaim: (chargeRef: string, claim: Claim) => void = () => undefined;
  private readonly done = new Map<string, Done>();
  private readonly gone = new Set<string>();

  constructor(
    private readonly random: Random,
    private readonly after: (delayMs: number, action: () => void) => void,
    private readonly notify: Notify,
  ) {}

  ask(asked: Asked): ProviderOutcome {
    const id = `${asked.operation} ${asked.key}`;
    const known = this.done.get(id);
    if (known) return known.outcome;
    const done: Done = { asked, outcome: this.decide(asked, `${asked.operation}-${this.done.size + 1}`) };
    this.done.set(id, done);
    if (done.outcome.kind !== 'pending' && this.random.chance(0.3)) this.tell(done);
    return done.outcome;
  }

  lookup(operation: Operation, key: string): ProviderOutcome | { readonly kind: 'never_seen' } {
    return this.done.get(`${operation} ${key}`)?.outcome ?? { kind: 'never_seen' };
  }

  private decide(asked: Asked, ref: string): ProviderOutcome {
    const { random } = this;
    const { operation, chargeRef } = asked;
    if (operation === 'capture' || operation === 'void') {
      // The first of the two that comes through ends the authorisation.
      if (this.gone.has(chargeRef!)) return declined('hard', null);
      if (random.chance(0.05)) return declined('soft', null);
      this.gone.add(chargeRef!);
      return operation === 'capture' ? this.move(asked, chargeRef!) : { kind: 'voided', ref };
    }
    const luck = random.next();
    if (luck < 0.1) return declined(luck < 0.06 ? 'soft' : 'hard', ref);
    if (luck < 0.2) return this.pend(asked, ref);
    if (luck < 0.24 && operation === 'charge' && asked.capture) return this.declineTooSoon(asked, ref);
    return this.move(asked, ref);
  }

  private move(asked: Asked, ref: string): ProviderOutcome {
    const { operation, key, capture } = asked;
    const isHeld = operation === 'charge' && !capture;
    const isWrong = operation === 'charge' && this.random.chance(0.02);
    const amountMinor = isWrong ? asked.amountMinor / 2n : asked.amountMinor;
    if (isHeld) return { kind: 'authorised', ref, amountMinor, currency: 'USD', expiresAt: null };
    const kind = operation === 'refund' ? 'refunded' : operation === 'capture' ? 'captured' : 'charged';
    const chargeRef = asked.chargeRef ?? ref;
    this.moved.push({ key, ref, kind, chargeRef, amountMinor });
    if (kind !== 'refunded' && !isWrong && this.random.chance(0.06)) this.dispute(chargeRef, amountMinor);
    return { kind: 'approved', ref, amountMinor, currency: 'USD' };
  }

  /** The outcome comes later, by itself. */
  private pend(asked: Asked, ref: string): ProviderOutcome {
    const isGood = this.random.chance(0.7);
    this.after(this.random.between(5, 200), () => {
      this.settle(asked, isGood ? this.move(asked, ref) : declined('soft', ref));
    });
    return { kind: 'pending', ref };
  }

  /** Says no, and takes the money all the same. */
  private declineTooSoon(asked: Asked, ref: string): ProviderOutcome {
    this.after(this.random.between(5, 200), () => {
      const { amountMinor, key } = asked;
      this.moved.push({ key, ref, kind: 'charged', chargeRef: ref, amountMinor });
      this.settle(asked, { kind: 'approved', ref, amountMinor, currency: 'USD' });
    });
    return declined(this.random.chance(0.5) ? 'hard' : 'soft', ref);
  }

  /** A cardholder takes the money back, or some of it, and the bank decides. */
  private dispute(chargeRef: string, amountMinor: bigint): void {
    const disputed = this.random.chance(0.7) ? amountMinor : amountMinor / 2n;
    const state = this.random.chance(0.5) ? 'won' : 'lost';
    const claim = { stage: 'chargeback', amountMinor: disputed, feeMinor: 0n, reasonCode: 'fraud' } as const;
    const say = (said: Claim['state'], decidedOn: string | null, at: number) =>
      this.onClaim(chargeRef, { ...claim, state: said, evidenceDueAt: null, decidedOn, heardAt: new Date(at) });
    this.after(this.random.between(20, 400), () => {
      say('opened', null, 1);
      this.after(this.random.between(5, 300), () => {
        this.disputes.set(chargeRef, state);
        say(state, '2026-01-14', 2);
      });
    });
  }

  private settle(asked: Asked, outcome: ProviderOutcome): void {
    const done = this.done.get(`${asked.operation} ${asked.key}`)!;
    done.outcome = outcome;
    this.tell(done);
  }

  private tell({ asked, outcome }: Done): void {
    this.notify(asked.operation, asked.key, outcome);
  }
}
