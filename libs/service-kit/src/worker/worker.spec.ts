import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { metrics } from '../telemetry/metrics.ts';
import { Worker } from './worker.ts';

/** Does what it is told, and writes down when it was called. */
class Toy extends Worker {
  readonly calls: number[] = [];
  answer: () => number = () => 0;

  constructor(name = 'toy') {
    super(name, 60_000);
  }

  protected work(): Promise<number> {
    this.calls.push(Date.now());
    return Promise.resolve().then(() => this.answer());
  }

  get pauses(): number[] {
    return this.calls.slice(1).map((at, n) => at - (this.calls[n] ?? 0));
  }
}

const failing = () => {
  throw new Error('no');
};

let toy: Toy;
beforeEach(() => {
  Logger.overrideLogger(false);
  jest.useFakeTimers();
});
afterEach(async () => {
  await toy.stop();
  jest.useRealTimers();
});

it('goes on while there is something to do, then waits for its tick or a kick', async () => {
  toy = new Toy();
  let left = 3;
  toy.answer = () => left--;
  toy.start();
  await jest.advanceTimersByTimeAsync(0);
  expect(toy.calls).toHaveLength(4);
  toy.answer = () => 0;
  toy.kick();
  await jest.advanceTimersByTimeAsync(0);
  expect(toy.calls).toHaveLength(5);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(toy.calls).toHaveLength(6);
});

it('waits longer after every error in a row, half a minute at most, and counts them', async () => {
  toy = new Toy('unlucky');
  toy.answer = failing;
  toy.start();
  await jest.advanceTimersByTimeAsync(100_000);
  expect(toy.pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(await metrics.registry.metrics()).toContain('worker_errors_total{worker="unlucky"} 9');
});

it('begins anew after a success', async () => {
  toy = new Toy();
  toy.answer = failing;
  toy.start();
  await jest.advanceTimersByTimeAsync(1_600);
  toy.answer = () => (toy.calls.length === 4 ? 1 : failing());
  await jest.advanceTimersByTimeAsync(3_000);
  expect(toy.pauses).toEqual([500, 1_000, 2_000, 0, 500]);
});

it('is not hurried by a kick while errors go on, and is kicked again after them', async () => {
  toy = new Toy();
  toy.answer = failing;
  toy.start();
  await jest.advanceTimersByTimeAsync(0);
  toy.kick();
  await jest.advanceTimersByTimeAsync(499);
  expect(toy.calls).toHaveLength(1);
  toy.answer = () => 0;
  await jest.advanceTimersByTimeAsync(1);
  toy.kick();
  await jest.advanceTimersByTimeAsync(0);
  expect(toy.calls).toHaveLength(3);
});

it('stops in the middle of a pause', async () => {
  toy = new Toy();
  toy.answer = failing;
  toy.start();
  await jest.advanceTimersByTimeAsync(0);
  await toy.stop();
  expect(toy.calls).toHaveLength(1);
});
