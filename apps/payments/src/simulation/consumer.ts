import type { Said } from './store.ts';

/** Somebody who books every fact once, and none before its predecessor: what is delivered comes in any order. */
export class Consumer {
  readonly booked: Said[] = [];
  parked = 0;
  repeated = 0;
  onBooked: (said: Said) => void = () => undefined;
  private readonly inbox = new Set<number>();
  private readonly positions = new Map<string, number>();
  private readonly waiting = new Map<string, Said[]>();

  constructor(private readonly isDedupedBySequence: boolean) {}

  take(said: Said): void {
    if (this.isDedupedBySequence) return this.takeNewest(said);
    if (this.inbox.has(said.id)) return void this.repeated++;
    this.inbox.add(said.id);
    const position = this.positions.get(said.subject) ?? 0;
    if (said.sequence > position + 1) {
      this.parked++;
      this.waiting.set(said.subject, [...(this.waiting.get(said.subject) ?? []), said]);
      return;
    }
    this.book(said);
    const next = this.waiting.get(said.subject)?.find(({ sequence }) => sequence === said.sequence + 1);
    if (next) {
      this.inbox.delete(next.id);
      this.take(next);
    }
  }

  /** The planted mistake: what is older than the newest looks like a repetition. */
  private takeNewest(said: Said): void {
    if (said.sequence > (this.positions.get(said.subject) ?? 0)) this.book(said);
  }

  private book(said: Said): void {
    this.positions.set(said.subject, said.sequence);
    this.booked.push(said);
    this.onBooked(said);
  }
}
