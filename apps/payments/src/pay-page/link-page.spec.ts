import { createLink } from '../domain/payment-link.ts';
import type { NewLink, PaymentLink } from '../domain/payment-link.ts';
import { linkPage } from './link-page.ts';
import { contentPolicy, document, notice } from './page.ts';
import { sandboxField, stripeField } from './provider-field.ts';
import type { ProviderField } from './provider-field.ts';

const now = new Date('2025-01-01T12:00:00Z');
const given: NewLink = {
  ...{ tenantId: 't', id: 'l', keyId: 'k', paymentType: 'installment', amountMinor: 2567n, currency: 'USD' },
  ...{ policyId: 'p', carrierId: 'c', employerId: 'e', customer: {}, metadata: {}, plan: null },
  ...{ invoiceLocator: null, payeeName: null, dueOn: null, expiresAt: new Date('2025-01-31T12:00:00Z') },
};
const linkOf = (more: Partial<NewLink> = {}): PaymentLink => createLink({ ...given, ...more }, now).next;
const drawn = (link: PaymentLink, field: ProviderField | null = sandboxField) => {
  const view = { link, isPayable: link.status === 'active', payment: null, receiptPath: null, actionUrl: null };
  return document(linkPage(view, { field, mark: '0.x', nonce: 'NONCE', problem: null }), 'NONCE');
};

it.each([
  ['USD', 2567n, '$25.67'],
  ['JPY', 2567n, '¥2,567'],
  ['KWD', 2567n, 'KWD&nbsp;2.567'],
  ['EUR', 9007199254740991n, '€90,071,992,547,409.91'],
])('writes %s %s as %s', (currency, amountMinor, shown) => {
  expect(drawn(linkOf({ currency, amountMinor })).replaceAll('\u00a0', '&nbsp;')).toContain(`Pay ${shown}`);
});

it('lets no text of a link become part of the page', () => {
  const html = drawn(linkOf({ payeeName: '<img src=x onerror=1>', policyId: '"><script>alert(1)</script>' }));
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain('&lt;img src=x onerror=1&gt;');
});

it('says so where nobody takes the money online', () => {
  const html = drawn(linkOf(), null);
  expect([html.includes('<form'), html.includes('cannot be paid online')]).toEqual([false, true]);
});

it('has everything that it needs in less than 20 kB', () => {
  expect(drawn(linkOf()).length).toBeLessThan(20_000);
  expect(document(notice(404, 'x', 'y'), 'NONCE').length).toBeLessThan(20_000);
});

it('allows a provider’s script what that needs, and itself no more', () => {
  const field = stripeField('pk_test_1');
  const html = drawn(linkOf(), field);
  expect(html).toContain('data-setup="{&quot;key&quot;:&quot;pk_test_1&quot;,&quot;amount&quot;:2567');
  expect(html.match(/<script nonce="NONCE"/g)).toHaveLength(2);
  expect(html).toContain('src="https://js.stripe.com/v3/"');
  expect(contentPolicy('NONCE', field.allow).split('; ')).toEqual([
    "default-src 'none'",
    "style-src 'nonce-NONCE'",
    'img-src data:',
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "script-src 'nonce-NONCE' https://js.stripe.com https://*.js.stripe.com",
    'frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com',
    'connect-src https://api.stripe.com',
  ]);
  expect(contentPolicy('NONCE')).not.toContain('script-src');
});

it('asks for consent where the method is stored for what follows', () => {
  const plan = { count: 10, interval: 'monthly', perInstallmentMinor: 75000n } as const;
  const period = { id: 'period', subscriptionId: 'subscription' };
  expect(drawn(linkOf())).not.toContain('By paying you agree');
  expect(drawn(linkOf({ plan }))).toContain('10 further monthly payments of $750.00');
  const html = drawn(linkOf({ period, payeeName: 'Acme Mutual' }));
  expect(html).toContain('This is a payment of your subscription. By paying you agree that Acme Mutual stores');
});
