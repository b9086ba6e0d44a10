import type { Decision, OperationRequest } from './decide.ts';
import { digest, replacementOf } from './instruments.ts';
import type { Instrument } from './instruments.ts';

/** When something happens: on a business date of a test clock, or at an instant. */
export interface Due {
  readonly on: string | null;
  readonly at: Date;
}

/** Something that the sandbox says of itself, later. Its id is the same however often it is worked out and sent. */
export interface Later {
  readonly id: string;
  readonly due: Due;
  readonly type: 'outcome' | 'returned' | 'dispute' | 'method';
  readonly data: Readonly<Record<string, unknown>>;
}

const disputeFeeMinor = 1_500;

/** `n` business days after the charge. On real time every day is one, and as long as the sandbox was told. */
export function businessDaysAfter({ on, at }: Due, n: number, dayMs: number): Due {
  if (on === null) return { on, at: new Date(at.getTime() + n * dayMs) };
  const day = noonOf(on);
  for (let left = n; left > 0;) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (![0, 6].includes(day.getUTCDay())) left -= 1;
  }
  return { on: dateOf(day), at: day };
}

export const noonOf = (on: string) => new Date(`${on}T12:00:00.000Z`);

const dateOf = (instant: Date) => instant.toISOString().slice(0, 10);

export interface Happened {
  readonly request: Pick<OperationRequest, 'operation' | 'key' | 'currency' | 'token'>;
  readonly decision: Decision;
  readonly instrument: Instrument;
  readonly ref: string;
  readonly chargeRef: string;
  readonly now: Due;
  readonly dayMs: number;
}

/** What follows of an operation on the next business days. */
export function whatFollows(happened: Happened): Later[] {
  const { request, decision, instrument } = happened;
  const after = (n: number) => businessDaysAfter(happened.now, n, happened.dayMs);
  const isCollected = decision.status === 'approved' && ['charge', 'capture'].includes(request.operation);
  const isAch = request.operation === 'charge' && decision.status === 'pending';
  return [
    ...(decision.status === 'pending' ? [outcome(happened, { ...decision, status: 'approved' }, after(1))] : []),
    ...(isAch && instrument.returnCode !== undefined ? [returned(happened, instrument.returnCode, after(2))] : []),
    ...(isCollected && instrument.dispute ? disputed(happened, instrument.dispute, after) : []),
    ...(isCollected && instrument.isReplaced ? [replaced(happened, after(1))] : []),
  ];
}

export function outcome(
  { request, ref }: Pick<Happened, 'request' | 'ref'>,
  { status, amountMinor, decline, expiresAt }: Decision,
  due: Due,
): Later {
  const { operation, key, currency } = request;
  const data = { operation, key, ref, status, amountMinor, currency, decline, expiresAt };
  return { id: notificationId(`${operation} ${key} ${status}`), due, type: 'outcome', data };
}

function returned({ request, decision, chargeRef }: Happened, code: string, due: Due): Later {
  const { amountMinor } = decision;
  const data = { chargeRef, code, amountMinor, currency: request.currency, returnedOn: due.on ?? dateOf(due.at) };
  return { id: notificationId(`returned ${chargeRef}`), due, type: 'returned', data };
}

function disputed(happened: Happened, verdict: 'won' | 'lost', after: (n: number) => Due): Later[] {
  const { request, decision, chargeRef } = happened;
  const disputeRef = `sbx_dp_${digest(chargeRef, 20)}`;
  const [opened, evidenceDue, decided] = [after(2), after(5), after(7)] as const;
  const about = {
    ...{ disputeRef, chargeRef, amountMinor: decision.amountMinor, currency: request.currency },
    ...{ feeMinor: disputeFeeMinor, reasonCode: 'fraudulent', evidenceDueAt: evidenceDue.at.toISOString() },
  };
  const said = (state: string, due: Due, decidedOn: string | null): Later => ({
    ...{ id: notificationId(`${disputeRef} ${state}`), due, type: 'dispute', data: { ...about, state, decidedOn } },
  });
  return [said('opened', opened, null), said(verdict, decided, decided.on ?? dateOf(decided.at))];
}

function replaced({ request, instrument, chargeRef }: Happened, due: Due): Later {
  const { token } = request;
  const data = { token, instrument: replacementOf(token, instrument) };
  return { id: notificationId(`replaced ${chargeRef}`), due, type: 'method', data };
}

const notificationId = (of: string) => `ntf_${digest(of, 24)}`;
