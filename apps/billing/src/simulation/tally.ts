const counted = [
  'histories',
  'steps',
  'refused',
  'endorsements',
  'backdatedEndorsements',
  'returnEndorsements',
  'cancellations',
  'pendingCancellations',
  'rescissions',
  'invalidations',
  'undoneInvoices',
  'reinstatements',
  'lapses',
  'renewals',
  'planChanges',
  'credits',
  'creditsTakenBack',
  'bills',
  'zeroInstalments',
  'payments',
  'overpayments',
  'suspended',
  'appliedLater',
  'reversals',
  'returns',
  'refunds',
  'shortfalls',
  'disbursements',
] as const;

/** What was reached: a rare path that no history walks proves nothing. */
export type Tally = Record<(typeof counted)[number], number>;

export const emptyTally = () => Object.fromEntries(counted.map((what) => [what, 0])) as Tally;
