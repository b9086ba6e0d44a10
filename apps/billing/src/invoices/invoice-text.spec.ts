import type { InvoiceState } from '../domain/invoice.ts';
import { invoicePage } from './invoice-page.ts';
import { invoicePdf } from './invoice-pdf.ts';
import { invoiceText } from './invoice-text.ts';
import type { InvoiceView } from './invoice.view.ts';

const view = (said: Partial<InvoiceView['invoice']> = {}): InvoiceView => ({
  invoice: {
    ...{
      tenantId: 't',
      id: 'v',
      number: 12n,
      type: 'instalment',
      state: 'partially_paid',
      currency: 'USD',
      version: 1,
    },
    ...{ policyLocator: 'pol-1', instalmentId: 'i', subscriptionId: null, issuedOn: '2025-01-01', dueOn: '2025-01-06' },
    ...{ originalDueOn: '2025-01-01', totalMinor: 5067n, allocatedMinor: 1000n, balanceMinor: 4000n },
    createdAt: new Date('2025-01-01T12:00:00Z'),
    ...said,
  },
  items: [
    {
      itemNo: 1,
      chargeId: 'c',
      category: 'tax',
      code: 'IPT',
      amountMinor: 233n,
      allocatedMinor: 0n,
      writtenOffMinor: 0n,
    },
    {
      itemNo: 2,
      chargeId: 'c',
      category: 'premium',
      code: null,
      amountMinor: 2334n,
      allocatedMinor: 0n,
      writtenOffMinor: 0n,
    },
    {
      itemNo: 3,
      chargeId: 'c',
      category: 'fee',
      code: 'nsf_fee',
      amountMinor: 2500n,
      allocatedMinor: 0n,
      writtenOffMinor: 0n,
    },
  ],
  ...{ disputedMinor: 0n, policyholderLocator: 'PH-1 <b>', timeZone: 'UTC', now: new Date('2025-01-06T12:00:00Z') },
});

describe('an invoice for people', () => {
  it('says what is to be paid, what it is for and what was paid', () => {
    const { title, amount, notice, lines, items, sums } = invoiceText(view());
    expect([title, amount, notice]).toEqual(['Invoice I-000012', '40.00 USD', null]);
    expect(lines).toEqual([
      ['Issued on', '2025-01-01'],
      ['Due on', '2025-01-06'],
      ['First due on', '2025-01-01'],
      ['Policy', 'pol-1'],
      ['Policyholder', 'PH-1 <b>'],
    ]);
    expect(items.map(({ label }) => label)).toEqual(['Tax (IPT)', 'Premium', 'Fee for a returned payment']);
    expect(sums).toEqual([
      { label: 'Total', amount: '50.67 USD' },
      { label: 'Paid', amount: '-10.00 USD' },
      { label: 'Written off', amount: '-0.67 USD' },
      { label: 'To pay', amount: '40.00 USD' },
    ]);
  });

  it.each<[InvoiceState, string | null]>([
    ['draft', 'This invoice is a draft: it is not to be paid.'],
    ['open', null],
    ['partially_paid', null],
    ['paid', 'This invoice is paid.'],
    ['void', 'This invoice is void: it is not to be paid.'],
    ['uncollectible', 'What was left of this invoice was written off: it is not to be paid.'],
  ])('that is %s says: %s', (state, notice) => {
    expect(invoiceText(view({ state })).notice).toBe(notice);
  });

  it('says that it is past due, by the calendar of the policy', () => {
    expect(invoiceText({ ...view(), now: new Date('2025-01-07T00:00:00Z') }).notice).toBe('This invoice is past due.');
    const honolulu = { ...view(), timeZone: 'Pacific/Honolulu', now: new Date('2025-01-07T00:00:00Z') };
    expect(invoiceText(honolulu).notice).toBeNull();
  });

  it('is a page that runs nothing, loads nothing and trusts no text', () => {
    const page = invoicePage(invoiceText(view()));
    expect(page).toContain('<html lang="en">');
    expect(page).toContain('PH-1 &lt;b&gt;');
    expect(page).not.toMatch(/<script|<b>|src=|href=/);
  });

  it('is the same PDF whenever it is asked for', async () => {
    const at = new Date('2025-01-01T12:00:00Z');
    const [one, two] = [await invoicePdf(invoiceText(view()), at), await invoicePdf(invoiceText(view()), at)];
    expect(one.subarray(0, 8).toString()).toBe('%PDF-1.7');
    expect(one.equals(two)).toBe(true);
  });
});
