import type { Static, TSchema } from '@sinclair/typebox';

export type EventStream = 'PAYMENTS' | 'BILLING' | 'RECONCILIATION' | 'WEBHOOKS' | 'POLICY';

export interface EventDefinition<T extends string = string, S extends TSchema = TSchema> {
  readonly type: T;
  readonly stream: EventStream;
  /** Service that publishes it; the last part of `source`. */
  readonly producer: string;
  /** What has happened, in a sentence. */
  readonly summary: string;
  readonly schema: S;
  readonly sample: Static<S>;
  /** Partners may receive it as a webhook. */
  readonly partnerVisible: boolean;
}

const partnerNouns = [
  'payment',
  'refund',
  'dispute',
  'payment_link',
  'schedule',
  'instalment',
  'invoice',
  'subscription',
  'delinquency',
  'disbursement',
];
const partnerTypes = [
  'return_premium.calculated',
  'statement.issued',
  'settlement_batch.balanced',
  'remittance.received',
  'deposit.received',
  'receipt.issued',
];

/** What a partner sees is a rule about names, so that a new event of a public noun cannot be forgotten. */
export function isPartnerVisible(type: string): boolean {
  const [noun = ''] = type.split('.');
  return partnerNouns.includes(noun) || partnerTypes.includes(type);
}

/** Pairs a schema with its sample; the compiler checks the sample's shape, a test the rest. */
export function event<S extends TSchema>(summary: string, schema: S, sample: Static<S>) {
  return { summary, schema, sample };
}

type Pairs = Record<string, { summary: string; schema: TSchema; sample: unknown }>;
type Definitions<P extends Pairs> = { readonly [T in keyof P & string]: EventDefinition<T, P[T]['schema']> };

/** The events of one producer on one stream, keyed by type. */
export function define<P extends Pairs>(stream: EventStream, producer: string, pairs: P): Definitions<P> {
  const entries = Object.entries(pairs).map(([type, pair]) => [
    type,
    { type, stream, producer, ...pair, partnerVisible: isPartnerVisible(type) },
  ]);
  return Object.fromEntries(entries) as Definitions<P>;
}
