import { Clock } from '@quittance/service-kit/clock';

/** Time that stands still until a test moves it. Provide it in place of `Clock`. */
export class FakeClock extends Clock {
  private instant: number;

  constructor(start: Date | string = '2026-01-15T12:00:00.000Z') {
    super();
    this.instant = new Date(start).getTime();
  }

  override now(): Date {
    return new Date(this.instant);
  }

  set(to: Date | string): void {
    this.instant = new Date(to).getTime();
  }

  advance(ms: number): void {
    this.instant += ms;
  }
}
