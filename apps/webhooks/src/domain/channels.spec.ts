import fc from 'fast-check';
import { channelKinds, channelsOf, isChannel } from './channels.ts';

it('an event bears the channels of the policy and the parties that its data names', () => {
  const data = { policyLocator: 'P-1', policyholderLocator: 'PH-1', producerId: 'PR-1', amount: { amountMinor: 1 } };
  expect(channelsOf(data)).toEqual(['policy:P-1', 'policyholder:PH-1', 'producer:PR-1']);
});

it('the seed dialects say policyId: the same channel, once', () => {
  expect(channelsOf({ policyId: 'P-1', policyLocator: 'P-1', employerId: 'E-1' })).toEqual([
    'policy:P-1',
    'employer:E-1',
  ]);
});

it.each([[{}], [{ policyLocator: null }], [{ policyLocator: 7 }], [{ policyLocator: { id: 'P-1' } }]])(
  'names no channel in %j',
  (data) => {
    expect(channelsOf(data)).toEqual([]);
  },
);

it('whatever the ids are, every channel can be stored and named by an endpoint', () => {
  const id = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constant('a\0b'), fc.constant('\ud800'));
  fc.assert(
    fc.property(id, id, (policyLocator, producerId) => {
      for (const channel of channelsOf({ policyLocator, producerId })) {
        expect(isChannel(channel)).toBe(true);
        expect(channel.isWellFormed() && !channel.includes('\0')).toBe(true);
      }
    }),
  );
});

it('tells the kinds of a type from its fields', () => {
  expect(channelKinds(['locator', 'policyId', 'policyLocator', 'merchantId'])).toEqual(['policy', 'merchant']);
});
