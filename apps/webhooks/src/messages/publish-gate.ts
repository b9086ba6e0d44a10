import { Injectable } from '@nestjs/common';
import { Problem } from '@quittance/service-kit/http/problem';

/** Each holds a connection, or waits for one: more of them would only wait longer, and be told nothing. */
const underWayMax = 256;

/** Publications under way in this process. Who comes when it is full is told to come back, before anything is done. */
@Injectable()
export class PublishGate {
  private underWay = 0;

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay >= underWayMax) {
      throw new Problem(503, 'unavailable', 'Too many messages are being published.', { retryAfter: 1 });
    }
    this.underWay += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
    }
  }
}
