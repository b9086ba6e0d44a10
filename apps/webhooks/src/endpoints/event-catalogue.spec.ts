import { catalogue, partnerEventTypes } from '@quittance/events/catalogue';
import { channelsOf } from '../domain/channels.ts';
import { eventTypeViews, isSubscribable, payloadVersions } from './event-catalogue.ts';

it('every partner-visible type can be sent in every version that it has', () => {
  for (const type of partnerEventTypes) {
    for (let pin = 1; pin <= payloadVersions.current; pin += 1) {
      if (!payloadVersions.takes(type, pin)) continue;
      const sample = catalogue[type].sample as Record<string, unknown>;
      expect(() => payloadVersions.convert(type, sample, pin)).not.toThrow();
    }
  }
});

it.each([...eventTypeViews.values()])('$type has an example, and its channels are of the kinds it tells', (view) => {
  expect(view.versions).toEqual([{ version: 1, deprecated: false }]);
  const kinds = channelsOf(view.example as Record<string, unknown>).map((channel) => channel.split(':')[0]);
  expect(view.channels).toEqual(expect.arrayContaining(kinds));
});

it.each([
  ['payment.posted', true],
  ['payment.*', true],
  ['*', true],
  ['payment.exploded', false],
  ['journal_entry.posted', false],
  ['journal_entry.*', false],
  ['payment*', false],
])('an endpoint may name %s: %s', (pattern, expected) => {
  expect(isSubscribable(pattern)).toBe(expected);
});
