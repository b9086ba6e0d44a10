import type { Static } from '@sinclair/typebox';
import { bankEvents } from './bank.ts';
import { billingEvents } from './billing.ts';
import { delinquencyEvents } from './delinquencies.ts';
import { commissionEvents } from './commissions.ts';
import type { EventDefinition } from './definition.ts';
import { disbursementEvents, disbursementRequestEvents } from './disbursements.ts';
import { disputeEvents } from './disputes.ts';
import { exceptionEvents } from './exceptions.ts';
import { ledgerDayEvents } from './ledger-days.ts';
import { paymentLinkEvents } from './payment-links.ts';
import { paymentMethodEvents } from './payment-methods.ts';
import { paymentsEvents } from './payments.ts';
import { planOfferEvents } from './plan-offers.ts';
import { policyAnswerEvents } from './policy-answers.ts';
import { policyChangeEvents } from './policy-changes.ts';
import { matchEvents } from './matches.ts';
import { policyEvents } from './policy.ts';
import { receiptEvents } from './receipts.ts';
import { reconciliationEvents } from './reconciliation.ts';
import { refundEvents } from './refunds.ts';
import { remittanceEvents } from './remittances.ts';
import { settlementEvents } from './settlements.ts';
import { statementEvents } from './statements.ts';
import { subscriptionEvents } from './subscriptions.ts';
import { testClockEvents } from './test-clock.ts';
import { webhooksEvents } from './webhooks.ts';
import { writeOffEvents } from './write-offs.ts';

const definitions = {
  ...paymentsEvents,
  ...paymentMethodEvents,
  ...refundEvents,
  ...disputeEvents,
  ...receiptEvents,
  ...disbursementEvents,
  ...paymentLinkEvents,
  ...billingEvents,
  ...planOfferEvents,
  ...disbursementRequestEvents,
  ...commissionEvents,
  ...subscriptionEvents,
  ...delinquencyEvents,
  ...writeOffEvents,
  ...statementEvents,
  ...reconciliationEvents,
  ...exceptionEvents,
  ...bankEvents,
  ...settlementEvents,
  ...matchEvents,
  ...remittanceEvents,
  ...ledgerDayEvents,
  ...webhooksEvents,
  ...policyEvents,
  ...policyAnswerEvents,
  ...policyChangeEvents,
  ...testClockEvents,
};
type Definitions = typeof definitions;

/** Type of an event = its NATS subject = the type of its webhook. The list is closed. */
export type EventType = keyof Definitions;
export type EventData<T extends EventType> = Static<Definitions[T]['schema']>;

/** Every event of the platform; iterate it for documents and permissions, `definitionOf` for one. */
export const catalogue: Readonly<Record<EventType, EventDefinition<EventType>>> = definitions;
export const eventTypes = Object.keys(definitions) as EventType[];
export const partnerEventTypes = eventTypes.filter((type) => catalogue[type].partnerVisible);

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(definitions, type);
}

export function sampleOf<T extends EventType>(type: T): EventData<T> {
  return definitions[type].sample;
}

/** URN of the schema, which names the major: a breaking change is a new type, `<type>.v2`. */
export function dataschemaOf(type: string): string {
  return `urn:quittance:event:${type}`;
}
