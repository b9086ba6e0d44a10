import { Problem } from '@quittance/service-kit/http/problem';

const COME_AGAIN_SECONDS = 5;

/** How much of files a process holds at once: each is whole in memory while it is read. */
export class UploadGate {
  private held = 0;

  constructor(private readonly bytesMax: number) {}

  /**
   * Lets one file in, however large, and more while there is room.
   * @throws Problem 503 with when to come again
   */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.held > 0 && this.held + bytes > this.bytesMax) {
      throw new Problem(503, 'unavailable', 'Too many files are being read, try again.', {
        retryAfter: COME_AGAIN_SECONDS,
      });
    }
    this.held += bytes;
    try {
      return await work();
    } finally {
      this.held -= bytes;
    }
  }
}
