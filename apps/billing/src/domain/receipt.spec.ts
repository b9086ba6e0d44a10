import { destinationOf } from './receipt.ts';
import type { KnownReferences, PaymentReferences } from './receipt.ts';

const policy = { locator: 'p', currency: 'USD' };
const subscription = { id: 's', currency: 'USD', policyholderLocator: 'e' };
const known = (over: Partial<KnownReferences> = {}): KnownReferences => ({
  policyholderIsKnown: false,
  policyLocators: [],
  ...over,
});
const statement = { locator: 's', policyholderLocator: 'h', currency: 'USD', issuedBefore: '2025-02-01' };
const invoice = { kind: 'invoice', policyLocator: 'p', invoiceId: 'i' };
const suspense = (reason: string) => ({ kind: 'suspense', reason });

describe('where money goes', () => {
  it.each<[string, PaymentReferences, KnownReferences, object]>([
    ['the instalment that asked for it', { instalmentId: 's' }, known({ policy, invoiceId: 'i' }), invoice],
    ['the invoice it names', { invoiceLocator: 'i' }, known({ policy, invoiceId: 'i' }), invoice],
    [
      'the invoice it names, of a subscription that names no policy of ours',
      { invoiceLocator: 'i', policyLocator: 'other' },
      known({ subscription, invoiceId: 'i' }),
      { kind: 'subscription', subscriptionId: 's', invoiceId: 'i', policyholderLocator: 'e' },
    ],
    ['the policy it names', { policyLocator: 'p' }, known({ policy }), { kind: 'policy', policyLocator: 'p' }],
    [
      'the policyholder it names',
      { policyholderLocator: 'h' },
      known({ policyholderIsKnown: true, policyLocators: ['p', 'q'] }),
      { kind: 'policyholder', policyholderLocator: 'h', policyLocators: ['p', 'q'] },
    ],
    [
      'the statement it names, though a policy is named, too',
      { statementLocator: 's', policyLocator: 'p' },
      known({ policy, statement, policyLocators: ['p', 'q'] }),
      {
        ...{ kind: 'statement', statementLocator: 's', issuedBefore: '2025-02-01' },
        ...{ policyholderLocator: 'h', policyLocators: ['p', 'q'] },
      },
    ],
    ['an unknown instalment', { instalmentId: 's' }, known(), suspense('unknown_instalment')],
    ['an unknown invoice', { invoiceLocator: 'i' }, known(), suspense('unknown_invoice')],
    ['an unknown statement', { statementLocator: 's' }, known(), suspense('unknown_statement')],
    ['an unknown policy', { policyLocator: 'p' }, known(), suspense('unknown_policy')],
    ['an unknown policyholder', { policyholderLocator: 'h' }, known(), suspense('unknown_policyholder')],
    ['nothing named', {}, known(), suspense('no_reference')],
  ])('%s', (_name, named, found, destination) => {
    expect(destinationOf(named, found, 'USD')).toEqual(destination);
  });

  it('an invoice that is not there is suspense, though the policy beside it is known', () => {
    const named = { invoiceLocator: 'other', policyLocator: 'p' };
    expect(destinationOf(named, known({ policy }), 'USD')).toEqual(suspense('unknown_invoice'));
  });

  it('S-104: money in another currency is suspense and never converted', () => {
    expect(destinationOf({ policyLocator: 'p' }, known({ policy }), 'EUR')).toEqual(suspense('currency_mismatch'));
    const ofSubscription = known({ subscription, invoiceId: 'i' });
    expect(destinationOf({ invoiceLocator: 'i' }, ofSubscription, 'EUR')).toEqual(suspense('currency_mismatch'));
    expect(destinationOf({ statementLocator: 's' }, known({ statement }), 'EUR')).toEqual(
      suspense('currency_mismatch'),
    );
  });
});
