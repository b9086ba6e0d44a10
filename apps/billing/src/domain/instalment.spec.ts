import {
  dueAgain,
  instalmentEvents,
  instalmentStates,
  moveInstalment,
  payInstalment,
  unpayInstalment,
} from './instalment.ts';
import type { InstalmentState } from './instalment.ts';

const allowed = new Map([
  ['scheduled bill', 'billed'],
  ['scheduled owe_nothing', 'paid'],
  ['scheduled cancel', 'cancelled'],
  ['scheduled supersede', 'superseded'],
  ['billed pay_part', 'partially_paid'],
  ['billed pay_whole', 'paid'],
  ['billed write_off', 'written_off'],
  ['billed cancel', 'cancelled'],
  ['partially_paid pay_part', 'partially_paid'],
  ['partially_paid pay_whole', 'paid'],
  ['partially_paid unpay_part', 'partially_paid'],
  ['partially_paid unpay_whole', 'billed'],
  ['partially_paid write_off', 'written_off'],
  ['partially_paid cancel', 'cancelled'],
  ['paid unpay_part', 'partially_paid'],
  ['paid unpay_whole', 'billed'],
  ['paid undo_nothing', 'cancelled'],
  ['billed write_off_part', 'billed'],
  ['billed restore', 'billed'],
  ['partially_paid write_off_part', 'partially_paid'],
  ['partially_paid forgive', 'paid'],
  ['partially_paid restore_part', 'partially_paid'],
  ['paid restore_part', 'partially_paid'],
  ['written_off unpay_part', 'partially_paid'],
  ['written_off unpay_whole', 'billed'],
  ['written_off restore', 'billed'],
  ['written_off restore_part', 'partially_paid'],
  ['written_off cancel', 'cancelled'],
]);

describe('the states of an instalment', () => {
  const pairs = instalmentStates.flatMap((state) => instalmentEvents.map((event) => [state, event] as const));

  it.each(pairs)('%s, %s', (state, event) => {
    const next = allowed.get(`${state} ${event}`);
    if (next) expect(moveInstalment(state, event)).toBe(next);
    else expect(() => moveInstalment(state, event)).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });

  it('says which events would have been allowed', () => {
    expect(() => moveInstalment('scheduled', 'pay_whole')).toThrow(
      expect.objectContaining({ context: { allowedActions: ['bill', 'owe_nothing', 'cancel', 'supersede'] } }),
    );
  });
});

describe('paying', () => {
  const owed = (state: InstalmentState, allocatedMinor: bigint) => ({
    state,
    allocatedMinor,
    balanceMinor: 2567n - allocatedMinor,
  });

  it('a part leaves the rest owed, the rest settles it', () => {
    const part = payInstalment(owed('billed', 0n), 1000n);
    expect(part).toEqual(owed('partially_paid', 1000n));
    expect(payInstalment(part, 1567n)).toEqual(owed('paid', 2567n));
  });

  it('taken back, it is owed again as far as nothing else was paid', () => {
    expect(unpayInstalment(owed('paid', 2567n), 1567n)).toEqual(owed('partially_paid', 1000n));
    expect(unpayInstalment(owed('partially_paid', 1000n), 1000n)).toEqual(owed('billed', 0n));
  });

  it('is refused on what is paid, and cannot be taken back from what is not', () => {
    expect(() => payInstalment(owed('paid', 2567n), 0n)).toThrow(
      expect.objectContaining({ code: 'invalid_transition' }),
    );
    expect(() => unpayInstalment(owed('billed', 0n), 0n)).toThrow(
      expect.objectContaining({ code: 'invalid_transition' }),
    );
  });
});

describe('due again', () => {
  it('S-87: what was due before today is due by the end of today', () => {
    expect(dueAgain('2025-03-01', '2025-03-05')).toBe('2025-03-05');
  });

  it('what is due today or later stays as it is', () => {
    expect([dueAgain('2025-03-05', '2025-03-05'), dueAgain('2025-04-01', '2025-03-05')]).toEqual([
      '2025-03-05',
      '2025-04-01',
    ]);
  });
});
