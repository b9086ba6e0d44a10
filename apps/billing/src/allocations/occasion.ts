import type { QuittanceEvent } from '@quittance/events/envelope';

/** When it happened by the tenant's clock, and the event that made us do it, if none of a person's doing. */
export interface Occasion {
  readonly time: Date;
  readonly cause?: QuittanceEvent | undefined;
}
