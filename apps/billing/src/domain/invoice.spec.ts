import {
  displayIdOf,
  invoiceEvents,
  invoiceStates,
  isOpen,
  moveInvoice,
  payInvoice,
  restoreInvoice,
  unpayInvoice,
  writeOffInvoice,
} from './invoice.ts';
import type { InvoiceItem, InvoiceState } from './invoice.ts';

const allowed = new Map([
  ['draft issue', 'open'],
  ['open pay_part', 'partially_paid'],
  ['open pay_whole', 'paid'],
  ['open void', 'void'],
  ['open write_off', 'uncollectible'],
  ['partially_paid pay_part', 'partially_paid'],
  ['partially_paid pay_whole', 'paid'],
  ['partially_paid unpay_part', 'partially_paid'],
  ['partially_paid unpay_whole', 'open'],
  ['partially_paid write_off', 'uncollectible'],
  ['paid unpay_part', 'partially_paid'],
  ['paid unpay_whole', 'open'],
  ['paid annul', 'void'],
  ['uncollectible restore', 'open'],
  ['open write_off_part', 'open'],
  ['open restore', 'open'],
  ['partially_paid write_off_part', 'partially_paid'],
  ['partially_paid forgive', 'paid'],
  ['partially_paid restore_part', 'partially_paid'],
  ['paid restore_part', 'partially_paid'],
  ['uncollectible unpay_part', 'partially_paid'],
  ['uncollectible unpay_whole', 'open'],
  ['uncollectible restore_part', 'partially_paid'],
  ['uncollectible void', 'void'],
]);

describe('the states of an invoice', () => {
  const pairs = invoiceStates.flatMap((state) => invoiceEvents.map((event) => [state, event] as const));

  it.each(pairs)('%s, %s', (state, event) => {
    const next = allowed.get(`${state} ${event}`);
    if (next) expect(moveInvoice(state, event)).toBe(next);
    else expect(() => moveInvoice(state, event)).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });

  it('money is allocated to what is open or partly paid, and to nothing else', () => {
    expect(invoiceStates.filter(isOpen)).toEqual(['open', 'partially_paid']);
  });
});

describe('paying an invoice', () => {
  const item = (itemNo: number, amountMinor: bigint, allocatedMinor: bigint): InvoiceItem => ({
    itemNo,
    chargeId: 'c',
    category: itemNo === 1 ? 'premium' : 'tax',
    code: null,
    amountMinor,
    allocatedMinor,
    writtenOffMinor: 0n,
  });
  const invoice = (state: InvoiceState, premium: bigint, tax: bigint) => ({
    state,
    allocatedMinor: premium + tax,
    balanceMinor: 2567n - premium - tax,
    items: [item(1, 2334n, premium), item(2, 233n, tax)],
  });
  const parts = (premium: bigint, tax: bigint) => [
    { itemNo: 1, amountMinor: premium },
    { itemNo: 2, amountMinor: tax },
  ];

  it('counts on its items and its balance alike', () => {
    const part = payInvoice(invoice('open', 0n, 0n), parts(909n, 91n));
    expect(part).toEqual(invoice('partially_paid', 909n, 91n));
    expect(payInvoice(part, parts(1425n, 142n))).toEqual(invoice('paid', 2334n, 233n));
  });

  it('is undone by taking the same parts back', () => {
    expect(unpayInvoice(invoice('paid', 2334n, 233n), parts(1425n, 142n))).toEqual(
      invoice('partially_paid', 909n, 91n),
    );
    expect(unpayInvoice(invoice('partially_paid', 909n, 91n), parts(909n, 91n))).toEqual(invoice('open', 0n, 0n));
  });
});

describe('writing an invoice off', () => {
  const items = (allocatedMinor: bigint, writtenOffMinor: bigint): InvoiceItem[] => [
    { itemNo: 1, chargeId: 'c', category: 'fee', code: null, amountMinor: 10_000n, allocatedMinor, writtenOffMinor },
  ];
  const invoice = (state: InvoiceState, allocatedMinor: bigint, writtenOff: bigint) => ({
    ...{ state, allocatedMinor, balanceMinor: 10_000n - allocatedMinor - writtenOff },
    items: items(allocatedMinor, writtenOff),
  });
  const part = (amountMinor: bigint) => [{ itemNo: 1, amountMinor }];

  it('in part leaves the rest owed; as a whole nobody asks for it any more', () => {
    const left = writeOffInvoice(invoice('open', 0n, 0n), part(4000n), 'manual');
    expect(left).toEqual(invoice('open', 0n, 4000n));
    expect(writeOffInvoice(left, part(6000n), 'manual')).toEqual(invoice('uncollectible', 0n, 10_000n));
    expect(payInvoice(left, part(6000n))).toEqual(invoice('paid', 6000n, 4000n));
  });

  it('S-72: a small rest that is forgiven makes it paid', () => {
    const settled = writeOffInvoice(invoice('partially_paid', 9950n, 0n), part(50n), 'tolerance');
    expect(settled).toEqual(invoice('paid', 9950n, 50n));
  });

  it('is taken back to what was paid', () => {
    expect(restoreInvoice(invoice('uncollectible', 0n, 10_000n), part(10_000n))).toEqual(invoice('open', 0n, 0n));
    expect(restoreInvoice(invoice('uncollectible', 4000n, 6000n), part(6000n))).toEqual(
      invoice('partially_paid', 4000n, 0n),
    );
    expect(restoreInvoice(invoice('paid', 9950n, 50n), part(50n))).toEqual(invoice('partially_paid', 9950n, 0n));
  });

  it('does not keep what was paid from being taken back', () => {
    expect(unpayInvoice(invoice('uncollectible', 4000n, 6000n), part(4000n))).toEqual(invoice('open', 0n, 6000n));
  });
});

it('is shown with a number of at least six digits', () => {
  expect([displayIdOf(1n), displayIdOf(12_345_678n)]).toEqual(['I-000001', 'I-12345678']);
});
