import { PublishGate } from './publish-gate.ts';

describe('PublishGate', () => {
  it('lets 256 in, tells the next one when to come back, and has room again when one is done or fails', async () => {
    const gate = new PublishGate();
    const { promise, resolve } = Promise.withResolvers<void>();
    const inside = Array.from({ length: 255 }, () => gate.pass(() => promise));
    const failing = gate.pass(() => promise.then(() => Promise.reject(new Error('no'))));
    let isDone = false;
    const work = () => Promise.resolve((isDone = true));
    await expect(gate.pass(work)).rejects.toMatchObject({ status: 503, extra: { retryAfter: 1 } });
    expect(isDone).toBe(false);
    resolve();
    await expect(failing).rejects.toThrow('no');
    await Promise.all(inside);
    await expect(gate.pass(() => Promise.resolve('in'))).resolves.toBe('in');
  });
});
