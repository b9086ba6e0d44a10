import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The process's metrics over one registry. Asking for a name again gives the same metric, so that every file may hold
 * its own. Labels are few and closed: never a tenant or an id.
 */
export class Metrics {
  readonly registry = new Registry();

  counter<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Counter<L> {
    return this.existing<Counter<L>>(name) ?? new Counter({ ...this.options(name, help, labels) });
  }

  histogram<L extends string = never>(
    name: string,
    help: string,
    labels: readonly L[] = [],
    buckets: readonly number[] = SECONDS,
  ): Histogram<L> {
    const options = { ...this.options(name, help, labels), buckets: [...buckets] };
    return this.existing<Histogram<L>>(name) ?? new Histogram(options);
  }

  /** `collect` reads the value when somebody scrapes, for what is cheaper to ask than to follow. */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labels: readonly L[] = [],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L> {
    const options = this.options(name, help, labels);
    if (!collect) return this.existing<Gauge<L>>(name) ?? new Gauge(options);
    const read = function (this: Gauge<L>) {
      return collect(this);
    };
    return this.existing<Gauge<L>>(name) ?? new Gauge({ ...options, collect: read });
  }

  /** Memory, garbage collection, handles and event loop lag. */
  collectProcess(): void {
    if (!this.registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: this.registry });
  }

  private options<L extends string>(name: string, help: string, labels: readonly L[]) {
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }

  private existing<M>(name: string): M | undefined {
    return this.registry.getSingleMetric(name) as M | undefined;
  }
}

export const metrics = new Metrics();
