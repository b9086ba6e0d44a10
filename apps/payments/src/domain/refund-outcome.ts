import { alarmAfterChecks, nextCheckAt } from './attempt.ts';
import type { ProviderOutcome } from './outcome.ts';
import { failRefund, succeedRefund } from './refund.ts';
import type { Refund, RefundCase, RefundDecision, RefundFailure } from './refund.ts';
import { moveRefund } from './refund-state.ts';

export type RefundAlarm = 'amount_mismatch' | 'unresolved' | 'contradiction';

export interface RefundOutcome extends RefundDecision {
  /** Why a person has to look. */
  readonly alarm?: RefundAlarm;
}

/** The provider's idempotency key: the same for every repetition, another after its no. */
export function refundKey({ id, attemptNo }: Pick<Refund, 'id' | 'attemptNo'>): string {
  return `${id}_${attemptNo}`;
}

/** Refund and attempt of a key; null for what is none of ours. */
export function parseRefundKey(key: string): { id: string; n: number } | null {
  const [, id, n] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([1-9]\d{0,8})$/.exec(key) ?? [];
  return id === undefined ? null : { id, n: Number(n) };
}

export interface Hearing {
  /** Which of the refund's attempts the provider speaks of. */
  readonly n: number;
  readonly now: Date;
  /** The tenant's date. */
  readonly on: string;
  readonly resolveAfterMs: number;
}

/** What a provider's word does. Said twice it does nothing more; a different second word is for a person. */
export function applyRefundOutcome(at: RefundCase, outcome: ProviderOutcome, hearing: Hearing): RefundOutcome {
  const { refund } = at;
  const isOpen = refund.state === 'processing' || refund.state === 'unknown';
  if (!isOpen || hearing.n !== refund.attemptNo) return late(at, outcome, hearing);
  switch (outcome.kind) {
    case 'approved': {
      const isExact = outcome.amountMinor === refund.amountMinor && outcome.currency === refund.currency;
      if (!isExact) return suspect(at, outcome.ref, 'amount_mismatch', hearing.now);
      return succeedRefund(at, { providerRef: outcome.ref, effectiveOn: hearing.on }, hearing.now);
    }
    case 'declined': {
      const { code, recommendedAction, ref } = outcome;
      const known = { ...refund, providerRef: ref ?? refund.providerRef };
      return failRefund({ ...at, refund: known }, { code, recommendedAction }, hearing.now);
    }
    case 'pending': {
      const waiting = { ...moveRefund(refund, 'wait'), providerRef: outcome.ref, note: null };
      return silently(at, recheck(waiting, hearing));
    }
    case 'unknown':
    case 'never_reached': {
      const note = `${outcome.kind}: ${outcome.reason}`;
      const next = recheck({ ...moveRefund(refund, 'lose_track'), note }, hearing);
      const isOverdue = next.checks >= alarmAfterChecks && refund.alarmedAt === null;
      if (!isOverdue) return silently(at, next);
      return { ...silently(at, { ...next, alarmedAt: hearing.now }), alarm: 'unresolved' };
    }
    case 'authorised':
    case 'voided':
    case 'requires_action':
      return suspect(at, outcome.ref, 'contradiction', hearing.now);
  }
}

const goneCodes = new Set(['account_closed', 'account_not_found', 'card_closed', 'method_gone']);

/** Whether the way the money came is closed for good, so that only a cheque can give it back. */
export function isMethodGone({ code, recommendedAction }: RefundFailure): boolean {
  return recommendedAction === 'refund_by_check' || goneCodes.has(code);
}

/** Money moved, but not as we asked: neither word would be true, and asking again changes nothing. */
function suspect(at: RefundCase, providerRef: string, alarm: RefundAlarm, now: Date): RefundOutcome {
  const lost = { ...moveRefund(at.refund, 'lose_track'), providerRef };
  return { ...silently(at, { ...lost, nextCheckAt: null, alarmedAt: now, note: alarm }), alarm };
}

function late(at: RefundCase, outcome: ProviderOutcome, { n }: Hearing): RefundOutcome {
  const { state, attemptNo } = at.refund;
  const isLatest = n === attemptNo;
  const contradicts =
    (outcome.kind === 'approved' && !(isLatest && state === 'succeeded')) ||
    (outcome.kind === 'declined' && isLatest && state === 'succeeded');
  const same = silently(at, at.refund);
  return contradicts ? { ...same, alarm: 'contradiction' } : same;
}

function recheck(refund: Refund, { now, resolveAfterMs }: Hearing): Refund {
  return { ...refund, nextCheckAt: nextCheckAt(refund.checks, now, resolveAfterMs) };
}

/** The state of affairs has changed, but nothing that the outside is told. */
function silently(at: RefundCase, refund: Refund): RefundOutcome {
  return { refund, payment: at.payment, facts: [] };
}
