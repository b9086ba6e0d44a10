import { v7 } from 'uuid';

/** A new UUIDv7: time-ordered, so an index on it grows at one end and "newest first" is `ORDER BY id DESC`. */
export const newId = (): string => v7();
