import { acceptanceOf, refuseBadFilter, refuseUnknownVersion } from './matching.ts';

const message = (over: object = {}) => ({
  ...{ type: 'payment.posted', channels: ['policy:P-1', 'producer:PR-1'] },
  content: { type: 'payment.posted', data: { state: 'posted' } },
  ...over,
});

describe('acceptanceOf', () => {
  it.each([
    [null, ['policy:P-1'], true],
    [null, [], true],
    [['producer:PR-1'], ['policy:P-1', 'producer:PR-1'], true],
    [['producer:PR-2'], ['policy:P-1', 'producer:PR-1'], false],
    [['policy'], ['policy:P-1'], false],
    [['producer:PR-1'], [], false],
  ])('channels %j, message %j: %s', (channels, borne, expected) => {
    expect(acceptanceOf({ channels, filter: null })(message({ channels: borne }))).toBe(expected);
  });

  it('channels and filter must both hold', () => {
    const filter = { 'data.state': 'posted' };
    expect(acceptanceOf({ channels: ['policy:P-1'], filter })(message())).toBe(true);
    expect(acceptanceOf({ channels: ['policy:P-2'], filter })(message())).toBe(false);
    expect(acceptanceOf({ channels: ['policy:P-1'], filter: { 'data.state': 'draft' } })(message())).toBe(false);
  });

  it('a stored filter that cannot be read loses nothing', () => {
    expect(acceptanceOf({ channels: null, filter: { 'data.state': { $newer: 1 } } })(message())).toBe(true);
  });
});

it('names the place in the filter', () => {
  expect(() => refuseBadFilter({ data: { state: { $regex: 'a' } } })).toThrow(
    expect.objectContaining({
      code: 'filter_not_valid',
      context: { errors: [{ pointer: '/filter/data/state/$regex', detail: 'is not an operator' }] },
    }),
  );
  expect(() => refuseBadFilter(null)).not.toThrow();
});

it('knows the versions up to the current one', () => {
  expect(() => refuseUnknownVersion(3, 2)).toThrow(expect.objectContaining({ code: 'payload_version_unknown' }));
  expect(() => refuseUnknownVersion(0, 2)).toThrow(expect.objectContaining({ code: 'payload_version_unknown' }));
  for (const version of [1, 2, undefined]) expect(() => refuseUnknownVersion(version, 2)).not.toThrow();
});
