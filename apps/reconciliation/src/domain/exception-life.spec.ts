import { exceptionActions, exceptionStates, isClosed, nextState, stepped } from './exception-life.ts';
import type { ExceptionAction, ExceptionLife, ExceptionState } from './exception-life.ts';

/** State, action, state after. Whatever is not here is refused. */
const allowed: readonly (readonly [ExceptionState, ExceptionAction, ExceptionState])[] = [
  ['open', 'assign', 'assigned'],
  ['open', 'ask_info', 'pending_info'],
  ['open', 'resolve', 'resolved'],
  ['open', 'write_off', 'written_off'],
  ['open', 'auto_close', 'auto_closed'],
  ['assigned', 'assign', 'assigned'],
  ['assigned', 'unassign', 'open'],
  ['assigned', 'ask_info', 'pending_info'],
  ['assigned', 'resolve', 'resolved'],
  ['assigned', 'write_off', 'written_off'],
  ['assigned', 'auto_close', 'auto_closed'],
  ['pending_info', 'assign', 'assigned'],
  ['pending_info', 'unassign', 'open'],
  ['pending_info', 'resolve', 'resolved'],
  ['pending_info', 'write_off', 'written_off'],
  ['pending_info', 'auto_close', 'auto_closed'],
  ['resolved', 'reopen', 'open'],
  ['written_off', 'reopen', 'open'],
  ['auto_closed', 'reopen', 'open'],
];
const pairs = exceptionStates.flatMap((state) => exceptionActions.map((action) => [state, action] as const));

it.each(pairs)('%s + %s', (state, action) => {
  const after = allowed.find(([from, by]) => from === state && by === action)?.[2];
  if (after) expect(nextState(state, action)).toBe(after);
  else expect(() => nextState(state, action)).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
});

it('a refusal names what people may do', () => {
  try {
    nextState('open', 'reopen');
  } catch (error) {
    expect(error).toMatchObject({ context: { allowedActions: ['assign', 'ask_info', 'resolve', 'write_off'] } });
  }
  expect.assertions(1);
});

const at = new Date('2026-03-02T12:00:00Z');
const life = (state: ExceptionState, more: Partial<ExceptionLife> = {}): ExceptionLife => ({
  ...{ state, assignee: null, dueAt: at, reopened: 0 },
  ...(isClosed(state) ? { resolution: 'corrected', closedAt: at } : { resolution: null, closedAt: null }),
  ...more,
});

it('an assignee stays until it is taken away or the exception is opened again', () => {
  const assigned = stepped(life('open'), { action: 'assign', assignee: 'ann', at });
  expect(assigned).toMatchObject({ state: 'assigned', assignee: 'ann' });
  expect(stepped(assigned, { action: 'ask_info', at })).toMatchObject({ assignee: 'ann' });
  expect(stepped(assigned, { action: 'unassign', at })).toMatchObject({ state: 'open', assignee: null });
  const resolved = stepped(assigned, { action: 'resolve', resolution: 'corrected', at });
  expect(resolved).toMatchObject({ assignee: 'ann', resolution: 'corrected', closedAt: at });
  const dueAt = new Date('2026-03-03T12:00:00Z');
  const again = { state: 'open', assignee: null, resolution: null, closedAt: null, reopened: 1, dueAt };
  expect(stepped(resolved, { action: 'reopen', at, dueAt })).toEqual(again);
});

it('is closed exactly when it says how and when', () => {
  for (const [state, action] of allowed) {
    const { closedAt, resolution, ...after } = stepped(life(state, { assignee: 'ann' }), { action, at });
    expect([closedAt !== null, resolution !== null]).toEqual([isClosed(after.state), isClosed(after.state)]);
  }
});
