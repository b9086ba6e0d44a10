import { DomainError } from './errors.ts';

export const remittanceActions = ['post', 'hold', 'void'] as const;
export type RemittanceAction = (typeof remittanceActions)[number];
type State = 'received' | 'held' | 'posted' | 'void';

/** `post` hands it back to the worker that books; what is booked is taken back by `void`, and by nothing else. */
const transitions: Readonly<Record<State, Partial<Readonly<Record<RemittanceAction, State>>>>> = {
  received: { hold: 'held', void: 'void' },
  held: { post: 'received', void: 'void' },
  posted: { void: 'void' },
  void: {},
};

/** @throws DomainError `invalid_transition`; `remittance_unbalanced` for what does not add up or contradicts another */
export function movedRemittance(
  remittance: { readonly state: State; readonly isBalanced: boolean; readonly conflictsWith: string | null },
  action: RemittanceAction,
): State {
  const next = transitions[remittance.state][action];
  if (!next) {
    const allowedActions = Object.keys(transitions[remittance.state]);
    throw new DomainError('invalid_transition', `The remittance is ${remittance.state}.`, { allowedActions });
  }
  if (action === 'post' && (!remittance.isBalanced || remittance.conflictsWith !== null)) {
    throw new DomainError('remittance_unbalanced', 'It does not add up, or says something else than one before.');
  }
  return next;
}
