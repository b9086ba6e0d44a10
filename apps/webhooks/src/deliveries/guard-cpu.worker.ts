import { Injectable } from '@nestjs/common';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WebhooksConfig } from '../config.ts';
import { slotsFor } from '../domain/slots.ts';
import { Dispatcher } from './dispatcher.ts';

/** Long enough that a single long pause, of the garbage collector say, is not yet a percentile. */
const everyMs = 5_000;
const resolutionMs = 10;

const slotsGauge = metrics.gauge('webhook_slots', 'Requests to receivers that this process may have under way');

/** Sends less while this process is late with everything, and more again when it is not: the CPU is the limit. */
@Injectable()
export class GuardCpuWorker extends Worker {
  private readonly delay = monitorEventLoopDelay({ resolution: resolutionMs });
  private slots: number;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly config: WebhooksConfig,
  ) {
    super('guard cpu', everyMs);
    this.slots = config.webhookConcurrency;
    this.delay.enable();
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.delay.disable();
  }

  /** A sample is the time between two ticks, the tick's own length included. */
  protected work(): Promise<number> {
    const lateMs = this.delay.percentile(99) / 1e6 - resolutionMs;
    this.delay.reset();
    const slots = slotsFor(this.slots, lateMs, this.config.webhookConcurrency);
    if (slots !== this.slots) this.dispatcher.resize(slots);
    this.slots = slots;
    slotsGauge.set(slots);
    return Promise.resolve(0);
  }
}
