import { contentOf } from './policy.ts';
import type { PolicyTerms } from './policy.ts';

const terms: PolicyTerms = {
  policyNumber: 'HO-1',
  policyholderLocator: 'PH-1',
  currency: 'USD',
  timeZone: 'UTC',
  jurisdiction: null,
  line: null,
  billingMethod: 'direct',
  producerId: null,
  financerId: null,
  effectiveDate: '2025-01-01',
  expirationDate: '2026-01-01',
  plan: '1year-monthly',
  collection: 'automatic',
  paymentMethodId: null,
  charges: [{ category: 'premium', code: null, amountMinor: 28_000n, handling: 'proratable' }],
};

describe('what a policy says, as one text', () => {
  it('is the same for the same terms, whatever the order of their fields', () => {
    const shuffled = Object.fromEntries(Object.entries(terms).toReversed()) as unknown as PolicyTerms;
    expect(contentOf(shuffled)).toBe(contentOf(terms));
  });

  it.each<[string, Partial<PolicyTerms>]>([
    ['number', { policyNumber: 'HO-2' }],
    ['policyholder', { policyholderLocator: 'PH-2' }],
    ['currency', { currency: 'EUR' }],
    ['zone', { timeZone: 'Europe/Paris' }],
    ['jurisdiction', { jurisdiction: 'US-NY' }],
    ['line', { line: 'home' }],
    ['billing method', { billingMethod: 'agency' }],
    ['producer', { producerId: 'PR-1' }],
    ['financer', { financerId: 'PR-1' }],
    ['start', { effectiveDate: '2025-01-02' }],
    ['end', { expirationDate: '2026-01-02' }],
    ['plan', { plan: 'full-pay' }],
    ['collection', { collection: 'invoice' }],
    ['payment method', { paymentMethodId: 'pm-1' }],
    ['charges', { charges: [...terms.charges, { category: 'fee', code: null, amountMinor: 1n, handling: 'flat' }] }],
    ['amount', { charges: [{ category: 'premium', code: null, amountMinor: 28_001n, handling: 'proratable' }] }],
    ['handling', { charges: [{ category: 'premium', code: null, amountMinor: 28_000n, handling: 'flat' }] }],
    ['code', { charges: [{ category: 'premium', code: 'X', amountMinor: 28_000n, handling: 'proratable' }] }],
  ])('differs where the %s does', (_name, change) => {
    expect(contentOf({ ...terms, ...change })).not.toBe(contentOf(terms));
  });
});
