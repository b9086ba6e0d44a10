import type { Clock } from '@quittance/service-kit/clock';

/** What is there is believed for this long without asking the database: a revoked secret works no longer than that. */
export const TRUST_YES_MS = 60_000;
/** A no is asked again after this long: a credential made just now is refused no longer than that. */
export const TRUST_NO_MS = 5_000;
const ENTRIES_MAX = 10_000;

/** No tenant is known yet. The lookup policies let `SELECT` through without one; nothing else passes with this. */
export const NO_TENANT = '00000000-0000-0000-0000-000000000000';

interface Entry<T> {
  value: T | null;
  readAtMs: number;
}

/**
 * Callers as last read, by their public id. Unknown ids cost a statement each `TRUST_NO_MS`, and the failure buckets
 * in front bound how many ids one address may try.
 */
export class Directory<T> {
  private readonly known = new Map<string, Entry<T>>();
  private readonly unknown = new Map<string, Entry<T>>();
  private readonly reading = new Map<string, Promise<T | null>>();

  constructor(
    private readonly find: (id: string) => Promise<T | null>,
    private readonly clock: Clock,
  ) {}

  /** The entry if it is young enough to be believed, without any wait. */
  peek(id: string, maxAgeMs: number): T | null | undefined {
    const entry = this.known.get(id) ?? this.unknown.get(id);
    return entry && this.clock.now().getTime() - entry.readAtMs < maxAgeMs ? entry.value : undefined;
  }

  /** Reads from the database; many callers at once are one statement. */
  read(id: string): Promise<T | null> {
    let reading = this.reading.get(id);
    if (!reading) {
      reading = this.readNow(id).finally(() => this.reading.delete(id));
      this.reading.set(id, reading);
    }
    return reading;
  }

  private async readNow(id: string): Promise<T | null> {
    const readAtMs = this.clock.now().getTime();
    const value = await this.find(id);
    this.known.delete(id);
    this.unknown.delete(id);
    // Two maps, so that a flood of invented ids cannot push out those that exist.
    keep(value ? this.known : this.unknown, id, { value, readAtMs });
    return value;
  }
}

function keep<T>(entries: Map<string, Entry<T>>, key: string, entry: Entry<T>): void {
  if (entries.size >= ENTRIES_MAX) entries.delete(entries.keys().next().value!);
  entries.set(key, entry);
}
