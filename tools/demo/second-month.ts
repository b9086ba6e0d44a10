// Steps 5 and 6: a declined charge that succeeds a day later, and a payment that is taken back.
import { balancesOf, isMirror, journalOf, trialTotal } from './books.ts';
import { addDays } from './calendar.ts';
import { instalmentOf, scheduleOf, scheduleWith, storeMethod } from './first-month.ts';
import type { Registered } from './first-month.ts';
import type { JournalEntry, Stage } from './stage.ts';

const advance = (stage: Stage, to: string) =>
  stage.send<{ businessDate: string }>('POST', '/test-clocks/advance', { to });

/** Step 5: the second instalment is declined on its due date, and billing's retry collects it a day later. */
export async function retrySecond(stage: Stage, registered: Registered) {
  const { listener } = stage;
  const method = await storeMethod(stage, 'tok_declined_once', registered.policyholder);
  await stage.send('PUT', `/policies/${registered.policyLocator}/payment-method`, { paymentMethodId: method.id });
  const second = instalmentOf(await scheduleOf(stage, registered), 2);
  await advance(stage, second.dueOn);
  const failed = await stage.until('payment.failed', () =>
    listener.all('payment.failed', ({ source }) => source?.id === second.id).at(0),
  );
  const between = instalmentOf(await scheduleOf(stage, registered), 2);
  const retryOn = addDays(second.dueOn, 1);
  const clock = await advance(stage, retryOn);
  const posted = await stage.until('payment.posted of the retry', () =>
    listener.all('payment.posted', ({ source }) => source?.id === second.id).at(0),
  );
  const { schedule, instalment } = await scheduleWith(stage, registered, 2, ({ state }) => state === 'paid');
  const retry = listener.all('instalment.collection_due', ({ instalmentId }) => instalmentId === second.id).at(0);
  return {
    methodId: method.id,
    instalmentId: second.id,
    dueOn: second.dueOn,
    amount: second.amount,
    failure: {
      code: failed.data.failure?.code,
      retryable: failed.data.failure?.retryable,
      attempt: failed.data.source?.attempt,
    },
    afterFailure: { state: between.state, balance: between.balance },
    businessDate: clock.businessDate,
    retryOn,
    retryAttempt: retry?.data.attempt,
    payment: {
      locator: posted.data.locator,
      amount: posted.data.amount.amount,
      attempt: posted.data.source?.attempt,
      effectiveDate: posted.data.effectiveDate,
    },
    instalment: { state: instalment.state, balance: instalment.balance, periodEnd: instalment.periodEnd },
    paidThrough: schedule.paidThrough,
  };
}

/** Step 6: the payment was entered in error; everything it did is undone, nothing is deleted. */
export async function reverseSecond(stage: Stage, registered: Registered, payment: { locator: string }) {
  const { locator } = payment;
  await bookedOf(stage, locator, ['payment_posted', 'allocation_created']);
  const answer = await stage.send<{ state: string; reversedTimestamp?: string }>(
    'POST',
    `/payments/${locator}/reverse`,
    {
      name: 'Entered in error',
    },
  );
  const { schedule, instalment } = await scheduleWith(stage, registered, 2, ({ state }) => state !== 'paid');
  const entries = await bookedOf(stage, locator, ['payment_reversed', 'allocation_reversed']);
  const told = await stage.until('the webhook payment.reversed', () =>
    stage.partner.find('payment.reversed', (data) => data['locator'] === locator),
  );
  return {
    payment: { state: answer.state, isStamped: answer.reversedTimestamp !== undefined },
    instalment: { state: instalment.state, balance: instalment.balance, dueOn: instalment.dueOn },
    firstPeriodEnd: instalmentOf(schedule, 1).periodEnd,
    paidThrough: schedule.paidThrough,
    mirrored: entries.filter(({ reverses }) => reverses !== undefined).map((entry) => mirrorOf(entry, entries)),
    balances: balancesOf(await journalOf(stage, `policyLocator=${registered.policyLocator}`)),
    trialTotal: await trialTotal(stage),
    delivered: told.type,
    refused: [...stage.partner.refused],
  };
}

function mirrorOf(entry: JournalEntry, entries: readonly JournalEntry[]) {
  const original = entries.find(({ id }) => id === entry.reverses);
  return { kind: entry.kind, of: original?.kind, isExact: original !== undefined && isMirror(entry, original) };
}

/** The entries of a payment once those kinds are among them. */
function bookedOf(stage: Stage, locator: string, kinds: readonly string[]): Promise<JournalEntry[]> {
  return stage.until(`the journal entries ${kinds.join(' and ')}`, async () => {
    const entries = await journalOf(stage, `paymentLocator=${locator}`);
    const missing = kinds.filter((kind) => !entries.some((entry) => entry.kind === kind));
    if (missing.length > 0) throw new Error(`no ${missing.join(' and no ')} yet`);
    return entries;
  });
}
