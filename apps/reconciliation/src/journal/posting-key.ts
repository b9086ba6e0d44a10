import type { EntryKey } from '../domain/entry.ts';

export const dayOf = (instant: string) => instant.slice(0, 10);

export const key = (kind: string, type: string, id: string): EntryKey => ({ kind, source: { type, id } });
