// Preloaded into a service process that a test kills: `node --import …`, see `killable` beside it. It wraps methods of
// the running service from outside, so that the service itself knows nothing of being killed.
import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { StreamMessage } from '@quittance/service-kit/messaging/message';
import { DeliveryRepository } from '../deliveries/delivery.repository.ts';
import { RecordAttemptsService } from '../deliveries/record-attempts.service.ts';
import { Sender } from '../deliveries/sender.ts';
import type { KillPoint } from './killable.itest.ts';

const orders = process.env['KILL_ORDERS'] ?? '';
const skewMs = Number(process.env['CLOCK_SKEW_MS'] ?? 0);

/** Dies here if a file says so: the file names the point, and is gone when the process is. */
function pass(point: KillPoint): void {
  if (!existsSync(orders) || readFileSync(orders, 'utf8') !== point) return;
  unlinkSync(orders);
  process.kill(process.pid, 'SIGKILL');
  // Nothing more may happen here, not even in the microseconds until the signal takes effect.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

type Method = (...given: never[]) => unknown;

/** Puts `around` in the place of a method; it is given the method itself, bound, and what it was called with. */
function wrap<T extends object, N extends keyof T & string>(
  prototype: T,
  name: N,
  around: (call: () => ReturnType<Extract<T[N], Method>>, self: T) => unknown,
): void {
  const method = prototype[name] as Method;
  const wrapped = function (this: T, ...given: never[]) {
    return around(() => method.apply(this, given) as ReturnType<Extract<T[N], Method>>, this);
  };
  Object.defineProperty(prototype, name, { value: wrapped, configurable: true, writable: true });
}

wrap(DeliveryRepository.prototype, 'store', async (call) => {
  const stored = await call();
  pass('before the fan-out commits');
  return stored;
});

wrap(StreamMessage.prototype, 'ack', (call, message) => {
  pass('after the fan-out committed, before its ack');
  call();
  const { nats } = message as unknown as { nats: { flush(): Promise<void> } };
  void nats.flush().then(() => pass('after an ack'));
});

wrap(Sender.prototype, 'send', async (call) => {
  pass('before a send');
  const reply = await call();
  pass('after a send');
  return reply;
});

wrap(DeliveryRepository.prototype, 'settle', async (call) => {
  const settled = await call();
  pass('before a settle commits');
  return settled;
});

wrap(RecordAttemptsService.prototype, 'record', async (call) => {
  const written = await call();
  pass('after a settle committed');
  return written;
});

/** A wall clock that is wrong; the monotonic one is not. */
if (skewMs !== 0) {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number | string | Date]) {
      if (given.length === 0) super(RealDate.now() + skewMs);
      else super(...(given as [number]));
    }

    static override now(): number {
      return RealDate.now() + skewMs;
    }
  } as DateConstructor;
}
