const goodPerStep = 10;

export type Load = 'good' | 'strained' | 'none';

/**
 * How many requests a receiver stands at once, found out as TCP does: half of it at every sign of strain, one more for
 * every ten good answers. Requests that were under way at a cut say nothing new about what is left after it, so one
 * overload that fails thirty requests is one cut and not thirty.
 */
export class ReceiverCap {
  private cut = Infinity;
  private cutAt = -Infinity;
  private good = 0;

  value(ceiling: number): number {
    return Math.min(this.cut, ceiling);
  }

  record(load: Load, startedAt: number, now: number, ceiling: number): void {
    if (load === 'strained' && startedAt >= this.cutAt) {
      this.cut = Math.max(1, Math.floor(this.value(ceiling) / 2));
      this.cutAt = now;
      this.good = 0;
    }
    if (load !== 'good' || this.cut === Infinity) return;
    this.good += 1;
    if (this.good < goodPerStep) return;
    this.good = 0;
    this.cut += 1;
    if (this.cut >= ceiling) this.cut = Infinity;
  }

  get isCut(): boolean {
    return this.cut !== Infinity;
  }
}
