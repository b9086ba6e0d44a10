import { displayIdOf, invoiceEvents, invoiceStates, isOpen, moveInvoice, payInvoice, unpayInvoice } from './invoice.ts';
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

it('is shown with a number of at least six digits', () => {
  expect([displayIdOf(1n), displayIdOf(12_345_678n)]).toEqual(['I-000001', 'I-12345678']);
});
