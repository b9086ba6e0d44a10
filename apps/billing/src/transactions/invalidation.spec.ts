import type { InstalmentSource, InstalmentState } from '../domain/instalment.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { undo } from './invalidation.ts';
import type { BookedInstalment, TermBook, TermCharge } from './term-book.ts';

const cancellation = (number: number) => ({
  id: `c${number}`,
  type: 'cancellation',
  state: 'applied',
  number,
  termNumber: 1,
});

/** Cancelled, reinstated, and cancelled again. */
function bookOf(...instalments: BookedInstalment[]): TermBook {
  const transactions = [cancellation(1), { ...cancellation(2), type: 'reinstatement' }, cancellation(3)];
  const charges = [{ id: 'r3', transactionId: 'c3', amountMinor: -50n } as TermCharge];
  const term = {
    number: 1,
    effectiveDate: '2025-01-01',
    expirationDate: '2026-01-01',
    state: 'cancelled',
    cancelledOn: '2025-06-01',
  };
  return { instalments, charges, transactions, term, today: '2025-06-01' } as unknown as TermBook;
}

function one(id: string, source: InstalmentSource, state: InstalmentState, chargeId: string): BookedInstalment {
  const period = { start: '2025-05-01', end: '2025-06-01' };
  const lines = [{ chargeId, amountMinor: 100n }];
  const dates = { dueOn: '2025-05-01', generateAt: new Date('2025-05-01T00:00:00Z'), autopayOn: null };
  return { id, number: Number(id.slice(1)), source, state, ...dates, period, lines, invoiceId: null };
}

describe('a cancellation that did not take place, the second one of its term', () => {
  const rescind = (before: BookedInstalment[], ...standing: BookedInstalment[]) => {
    const book = bookOf(...standing);
    const { laid, undone } = undo(book, book.transactions[2]!, { id: 'x' } as PolicyTransaction, before);
    return { laid: laid.map((each) => (each as BookedInstalment).id), undone: undone.map(({ id }) => id) };
  };
  const cut = one('i9', 'plan', 'superseded', 'premium');

  it('takes its own final bill away, and leaves that of the first', () => {
    const finals = [one('i1', 'final', 'paid', 'premium'), one('i2', 'final', 'paid', 'r3')];
    expect(rescind([cut], ...finals)).toEqual({ laid: ['i9'], undone: ['i2'] });
  });

  it('leaves a final bill of the first that is yet to be billed', () => {
    const finals = [one('i1', 'final', 'scheduled', 'premium'), one('i2', 'final', 'scheduled', 'r3')];
    expect(rescind([cut], ...finals)).toEqual({ laid: ['i1', 'i9'], undone: [] });
  });

  it('leaves that of the first where it had none', () => {
    expect(rescind([], one('i1', 'final', 'paid', 'premium'))).toEqual({ laid: [], undone: [] });
  });
});
