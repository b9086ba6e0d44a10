import { metrics } from '../telemetry/metrics.ts';

/** Each one is an incident: somebody sent us what we must never have. `where` is a part of a request, or `event`. */
export const cardDataRefused = metrics.counter('card_data_refused_total', 'Refused because it held card data', [
  'where',
]);
