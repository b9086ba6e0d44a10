import type { ProviderNotification } from '../providers/notification.ts';

const instants = new Set(['occurredAt', 'evidenceDueAt', 'expiresAt']);

/** As it lies in the table: JSON has neither integers beyond 2^53 nor instants. */
export function toStored(news: ProviderNotification): string {
  return JSON.stringify(news, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

export function fromStored(stored: object): ProviderNotification {
  return JSON.parse(JSON.stringify(stored), (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (key.endsWith('Minor')) return BigInt(value);
    return instants.has(key) ? new Date(value) : value;
  }) as ProviderNotification;
}
