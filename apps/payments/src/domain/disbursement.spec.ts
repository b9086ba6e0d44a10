import { DomainError } from './errors.ts';
import { act, createDisbursement, disbursementEvents, disbursementStates } from './disbursement.ts';
import { disbursementTransitions } from './disbursement.ts';
import type {
  Disbursement,
  DisbursementEvent,
  DisbursementOrder,
  DisbursementState,
  NewDisbursement,
} from './disbursement.ts';

const now = new Date('2025-01-06T12:00:00.000Z');
const given: NewDisbursement = {
  ...{ tenantId: 't', id: 'd', requestId: 'q', payeeType: 'insured', amountMinor: 2_000n, currency: 'USD' },
  ...{ method: 'check', sourceType: 'unapplied', createdAt: now },
};
const { next: created } = createDisbursement(given);
const inState = (state: DisbursementState): Disbursement => ({ ...created, state, reference: '100001' });
const order = (event: DisbursementEvent, rest: Partial<DisbursementOrder> = {}): DisbursementOrder => ({
  ...{ event, by: 'bob', now, on: '2025-01-07' },
  ...rest,
});

function refusal(action: () => unknown): DomainError {
  try {
    action();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const legal: Readonly<Record<DisbursementState, Partial<Record<DisbursementEvent, DisbursementState>>>> = {
  draft: { validate: 'validated', discard: 'discarded' },
  validated: { approve: 'approved', reset: 'draft', reject: 'rejected', discard: 'discarded' },
  approved: { execute: 'executing', reset: 'draft', reject: 'rejected' },
  rejected: {},
  discarded: {},
  executing: { issue: 'executed', fail: 'failed' },
  executed: { clear: 'cleared', void: 'voided', mark_stale: 'stale' },
  failed: { execute: 'executing', reset: 'draft' },
  cleared: {},
  voided: {},
  stale: {},
};
/** What each move tells the outside; the others tell nothing. */
const told: Partial<Record<DisbursementEvent, string>> = {
  ...{ approve: 'approved', reject: 'failed', discard: 'failed', issue: 'executed' },
  ...{ clear: 'cleared', void: 'voided', mark_stale: 'stale' },
};

describe('every event in every state', () => {
  const pairs = disbursementStates.flatMap((state) => disbursementEvents.map((event) => [state, event] as const));

  it.each(pairs)('%s, %s', (state, event) => {
    const target = legal[state][event];
    expect(disbursementTransitions[state][event]).toBe(target);
    if (target === undefined) {
      const error = refusal(() => act(inState(state), order(event)));
      expect([error.code, error.context]).toEqual([
        'invalid_transition',
        { allowedActions: Object.keys(legal[state]) },
      ]);
      return;
    }
    const { next, facts } = act(inState(state), order(event));
    expect(next.state).toBe(target);
    expect(facts.map(({ type }) => type)).toEqual(told[event] ? [told[event]] : []);
    expect(next.version).toBe(created.version + facts.length);
  });
});

describe('a disbursement', () => {
  it('by cheque waits for approval at once; any other way is a draft until somebody makes it a cheque', () => {
    expect(created).toMatchObject({ state: 'validated', version: 1 });
    const { next: draft, facts } = createDisbursement({ ...given, method: 'ach' });
    expect([draft.state, facts.map(({ type }) => type)]).toEqual(['draft', ['created']]);
    expect(refusal(() => act(draft, order('validate'))).context).toMatchObject({ errors: [{ pointer: '/method' }] });
    expect(act(draft, order('validate', { method: 'check' })).next).toMatchObject({
      state: 'validated',
      method: 'check',
    });
  });

  it('is not approved by who asked for it, where we know who asked', () => {
    const asked = { ...created, requestedBy: 'bob' };
    expect(refusal(() => act(asked, order('approve'))).code).toBe('second_person_required');
    expect(act(asked, order('approve', { by: 'carol' })).next.approvedBy).toBe('carol');
    expect(act(created, order('approve')).next.approvedBy).toBe('bob');
  });

  it('has the number of its cheque from its execution, and the date of its issue', () => {
    const executing = act(inState('approved'), order('execute', { reference: '4711' })).next;
    expect(executing).toMatchObject({ reference: '4711', effectiveOn: null });
    expect(act(executing, order('issue')).next).toMatchObject({ reference: '4711', effectiveOn: '2025-01-07' });
  });

  it('begins anew after a reset: without number, reason or approval', () => {
    const failed = act(inState('executing'), order('fail', { failureCode: 'printer_jam' })).next;
    expect(failed.failureCode).toBe('printer_jam');
    const reset = act({ ...failed, approvedBy: 'bob' }, order('reset')).next;
    expect(reset).toMatchObject({ state: 'draft', reference: null, failureCode: null, approvedBy: null });
  });
});
