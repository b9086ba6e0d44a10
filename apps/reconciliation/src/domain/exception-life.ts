import { DomainError } from './errors.ts';

export const openStates = ['open', 'assigned', 'pending_info'] as const;
export const closedStates = ['resolved', 'written_off', 'auto_closed'] as const;
export const exceptionStates = [...openStates, ...closedStates] as const;
export type ExceptionState = (typeof exceptionStates)[number];

/** `auto_close` is what became untrue by itself; all others are people's. */
export const exceptionActions = [
  ...(['assign', 'unassign', 'ask_info', 'resolve', 'write_off', 'auto_close', 'reopen'] as const),
] as const;
export type ExceptionAction = (typeof exceptionActions)[number];

type Steps = Partial<Readonly<Record<ExceptionAction, ExceptionState>>>;

const closing: Steps = { resolve: 'resolved', write_off: 'written_off', auto_close: 'auto_closed' };
const reopening: Steps = { reopen: 'open' };

export const transitions: Readonly<Record<ExceptionState, Steps>> = {
  open: { assign: 'assigned', ask_info: 'pending_info', ...closing },
  assigned: { assign: 'assigned', unassign: 'open', ask_info: 'pending_info', ...closing },
  pending_info: { assign: 'assigned', unassign: 'open', ...closing },
  resolved: reopening,
  written_off: reopening,
  auto_closed: reopening,
};

export const isClosed = (state: ExceptionState): boolean => (closedStates as readonly string[]).includes(state);

/** @throws DomainError `invalid_transition` with what people may do instead */
export function nextState(state: ExceptionState, action: ExceptionAction): ExceptionState {
  const next = transitions[state][action];
  if (next) return next;
  const allowedActions = Object.keys(transitions[state]).filter((each) => each !== 'auto_close');
  throw new DomainError('invalid_transition', `The exception is ${state}.`, { allowedActions });
}

/** What of an exception people change. */
export interface ExceptionLife {
  readonly state: ExceptionState;
  readonly assignee: string | null;
  readonly resolution: string | null;
  readonly closedAt: Date | null;
  readonly dueAt: Date;
  readonly reopened: number;
}

export interface ExceptionStep {
  readonly action: ExceptionAction;
  readonly at: Date;
  /** Of `assign`. */
  readonly assignee?: string;
  /** Of `resolve` and `write_off`. */
  readonly resolution?: string;
  /** Of `reopen`: a new time to be done by. */
  readonly dueAt?: Date;
}

/** @throws DomainError `invalid_transition` */
export function stepped(life: ExceptionLife, { action, at, ...step }: ExceptionStep): ExceptionLife {
  const state = nextState(life.state, action);
  return {
    state,
    assignee: assigneeAfter(life, action, step.assignee),
    resolution: isClosed(state) ? (step.resolution ?? state) : null,
    closedAt: isClosed(state) ? at : null,
    dueAt: action === 'reopen' ? (step.dueAt ?? life.dueAt) : life.dueAt,
    reopened: life.reopened + (action === 'reopen' ? 1 : 0),
  };
}

function assigneeAfter({ assignee }: ExceptionLife, action: ExceptionAction, given: string | undefined) {
  if (action === 'assign') return given ?? assignee;
  return action === 'unassign' || action === 'reopen' ? null : assignee;
}
