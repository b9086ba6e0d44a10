import type { RecutRows } from '../schedules/recut.builder.ts';
import type { Change } from './change.ts';
import { scheduleAfter } from './changes.service.ts';
import type { TermBook } from './term-book.ts';

const period = { start: '2025-01-01', end: '2025-02-01' };
const rows = (state: 'paid' | 'scheduled') => {
  const standing = [{ number: 1, state, period, lines: [], invoiceId: null }];
  return { standing, superseded: [], added: [], lines: [] } as unknown as RecutRows;
};
const schedule = { id: 'S', state: 'active', totalMinor: 0n, paidThrough: '2025-02-01', version: 4 };
const book = { schedule } as unknown as TermBook;
const nothing = { scheduleEvent: null, plan: null } as unknown as Change;

it('a schedule of which nothing is cut stays as it is', () => {
  expect(scheduleAfter(book, nothing, rows('paid'))).toBe(schedule);
});

// Found by the simulation: an instalment of nothing had been settled, and the transaction that had made it was undone.
it('is paid through no further than its paid instalments, also where no amount of it changed', () => {
  expect(scheduleAfter(book, nothing, rows('scheduled'))).toEqual({ ...schedule, paidThrough: null, version: 5 });
});
