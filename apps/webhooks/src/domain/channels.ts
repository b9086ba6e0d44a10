/** The fields of an event's data that name a party or a policy, and the channel that each of them makes. */
const kinds: Readonly<Record<string, string>> = {
  policyLocator: 'policy',
  policyId: 'policy',
  policyholderLocator: 'policyholder',
  producerId: 'producer',
  payeeLocator: 'payee',
  employerId: 'employer',
  carrierId: 'carrier',
  merchantId: 'merchant',
  locationId: 'location',
};

export const channelLengthMax = 128;

/** Any text of 1 to 128 characters that holds no control character: references of others are taken as they are. */
export function isChannel(name: unknown): name is string {
  return typeof name === 'string' && name.length <= channelLengthMax && /^[^\p{Cc}\p{Cs}]+$/u.test(name);
}

/** `policy:<locator>`, `producer:<id>`, …: the channels of an event of the platform, by the ids in its data. */
export function channelsOf(data: Readonly<Record<string, unknown>>): string[] {
  const named = Object.entries(kinds).flatMap(([field, kind]) => {
    const id = Object.hasOwn(data, field) ? data[field] : undefined;
    return typeof id === 'string' ? [`${kind}:${id}`] : [];
  });
  return [...new Set(named)].filter(isChannel);
}

/** The kinds of channel that data with these fields may have. */
export function channelKinds(fields: readonly string[]): string[] {
  return [...new Set(Object.entries(kinds).flatMap(([field, kind]) => (fields.includes(field) ? [kind] : [])))];
}
