import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { reverseWriteOff } from '../domain/write-off.ts';
import type { WriteOff } from '../domain/write-off.ts';
import type { CalendarDate } from '../domain/calendar.ts';

/** What one transaction writes off, and what of it, or of what it has read, it takes back. */
export class WriteOffBook {
  private readonly entries: Map<string, { readonly before: WriteOff | null; now: WriteOff }>;

  /** With those that stand, as far as they concern the transaction. */
  constructor(standing: readonly WriteOff[]) {
    this.entries = new Map(standing.map((each) => [keyOf(each), { before: each, now: each }]));
  }

  /** One more that was read, to be taken back. */
  know(writeOff: WriteOff): void {
    this.entries.set(keyOf(writeOff), { before: writeOff, now: writeOff });
  }

  add(writeOff: WriteOff): void {
    this.entries.set(keyOf(writeOff), { before: null, now: writeOff });
  }

  reverse(key: TenantKey, on: CalendarDate): WriteOff {
    const entry = this.entries.get(keyOf(key));
    if (!entry) throw new Error(`write-off ${key.id} was not loaded`);
    entry.now = reverseWriteOff(entry.now, on);
    return entry.now;
  }

  /** What a tolerance forgave of an invoice, and still does. */
  forgivenOf({ tenantId, id }: TenantKey): WriteOff[] {
    return [...this.entries.values()]
      .map(({ now }) => now)
      .filter((each) => each.tenantId === tenantId && each.invoiceId === id)
      .filter(({ cause, state }) => cause === 'tolerance' && state === 'standing');
  }

  made(): WriteOff[] {
    return [...this.entries.values()].filter(({ before }) => before === null).map(({ now }) => now);
  }

  reversed(): WriteOff[] {
    return [...this.entries.values()].filter(({ before, now }) => before && before !== now).map(({ now }) => now);
  }
}
