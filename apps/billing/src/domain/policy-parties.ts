import type { BillingMethod, Collection } from './policy.ts';

/** Who is behind a policy: who pays and how, who sold it, who lent for it. */
export interface PolicyParties {
  readonly policyholderLocator: string;
  readonly billingMethod: BillingMethod;
  readonly collection: Collection;
  readonly paymentMethodId: string | null;
  readonly producerId: string | null;
  readonly financerId: string | null;
  readonly mortgageeId: string | null;
}

/** What is absent stays as it is; null: there is none any more. */
export type PartyChanges = Partial<PolicyParties>;

export const partyFields = [
  'policyholderLocator',
  'billingMethod',
  'collection',
  'paymentMethodId',
  'producerId',
  'financerId',
  'mortgageeId',
] as const satisfies readonly (keyof PolicyParties)[];
