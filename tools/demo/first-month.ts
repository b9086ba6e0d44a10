// Steps 1 to 4: what is set up, the schedule, the first charge, and what everybody knows of it.
import { randomUUID } from 'node:crypto';
import { balancesOf, isBalanced, journalOf, sumOf, trialTotal } from './books.ts';
import { yearAfter } from './calendar.ts';
import type { Instalment, Schedule, Stage } from './stage.ts';

export const zone = 'America/New_York';
export const charges = [
  { category: 'premium', amount: '280.00' },
  { category: 'tax', code: 'IPT', amount: '28.00' },
];

export interface Registered {
  endpointId: string;
  endpointState: string;
  secretPrefix: string;
  method: { id: string; type: string; brand: string; last4: string; state: string };
  policyholder: string;
  effectiveDate: string;
  policyLocator: string;
  scheduleId: string;
}

/** The tenant's date: its test clock's, which starts with today where there is none yet. */
async function businessDate(stage: Stage): Promise<string> {
  const { businessDate: to } = await stage.get<{ businessDate: string }>('/test-clocks');
  await stage.send('POST', '/test-clocks/advance', { to });
  return to;
}

export const policyBody = (policyholder: string, effectiveDate: string, paymentMethodId: string) => ({
  policyNumber: `HO-${randomUUID().slice(0, 8).toUpperCase()}`,
  policyholderLocator: policyholder,
  currency: 'USD',
  timeZone: zone,
  effectiveDate,
  expirationDate: yearAfter(effectiveDate),
  plan: '1year-monthly',
  collection: 'automatic',
  paymentMethodId,
  charges,
});

export async function storeMethod(stage: Stage, token: string, policyholderLocator: string) {
  return stage.send<Registered['method']>('POST', '/payment-methods', { token, policyholderLocator });
}

/** Step 1: a partner's endpoint, a stored method, a policy. */
export async function register(stage: Stage): Promise<Registered> {
  const { partner } = stage;
  const endpoint = await stage.send<{ id: string; state: string; secret: string }>('POST', '/webhook-endpoints', {
    url: partner.url,
    description: 'The partner of the demo',
  });
  stage.endpointId = endpoint.id;
  partner.trust(endpoint.secret);
  const policyholder = `PH-${randomUUID().slice(0, 8).toUpperCase()}`;
  const method = await storeMethod(stage, 'tok_visa', policyholder);
  const effectiveDate = await businessDate(stage);
  const body = policyBody(policyholder, effectiveDate, method.id);
  const policy = await stage.send<{ locator: string; scheduleId: string }>('POST', '/policies', body);
  const { locator: policyLocator, scheduleId } = policy;
  return {
    ...{ endpointId: endpoint.id, endpointState: endpoint.state, secretPrefix: endpoint.secret.slice(0, 6) },
    ...{ method, policyholder, effectiveDate, policyLocator, scheduleId },
  };
}

export const scheduleOf = (stage: Stage, { scheduleId }: Pick<Registered, 'scheduleId'>): Promise<Schedule> =>
  stage.get<Schedule>(`/schedules/${scheduleId}`);

/** The schedule once its instalment of that number is as wanted. */
export function scheduleWith(stage: Stage, registered: Registered, number: number, fits: (one: Instalment) => boolean) {
  return stage.until(`instalment ${number}`, async () => {
    const schedule = await scheduleOf(stage, registered);
    const instalment = instalmentOf(schedule, number);
    if (!fits(instalment)) throw new Error(`it is ${instalment.state}, ${instalment.balance} open`);
    return { schedule, instalment };
  });
}

export function instalmentOf({ instalments }: Schedule, number: number): Instalment {
  const found = instalments.find((instalment) => instalment.number === number);
  if (!found) throw new Error(`the schedule has no instalment ${number}`);
  return found;
}

/** Step 2: twelve instalments, exact in rows and columns, and what billing tells the others. */
export async function makeSchedule(stage: Stage, registered: Registered) {
  const { scheduleId, policyLocator } = registered;
  const { currency, instalments, ...schedule } = await scheduleOf(stage, registered);
  const told = await stage.until('schedule.created', () =>
    stage.listener.all('schedule.created', (data) => data.scheduleId === scheduleId).at(0),
  );
  const due = await stage.until('instalment.due of the first', () =>
    stage.listener.all('instalment.due', (data) => data.policyLocator === policyLocator).at(0),
  );
  const column = (category: string) =>
    instalments.map(({ lines }) => lines.find((line) => line.category === category)?.amount ?? '0');
  const tax = column('tax');
  const premium = column('premium');
  return {
    total: schedule.total,
    amounts: instalments.map(({ amount }) => amount),
    tax,
    premium,
    sums: {
      amounts: sumOf(
        instalments.map(({ amount }) => amount),
        currency,
      ),
      tax: sumOf(tax, currency),
      premium: sumOf(premium, currency),
    },
    rowsThatDiffer: instalments.filter(
      ({ amount, lines }) =>
        amount !==
        sumOf(
          lines.map((l) => l.amount),
          currency,
        ),
    ).length,
    dueDates: instalments.map(({ dueOn }) => dueOn),
    announcedTotal: told.data.total.amount,
    firstDue: { number: due.data.number, amount: due.data.amount.amount, attempt: due.data.attempt },
    instalmentId: due.data.instalmentId,
  };
}

/** Step 3: payments hears that the first instalment is due, charges the method and posts. */
export async function collectFirst(stage: Stage, instalmentId: string) {
  const posted = await stage.until('payment.posted', () =>
    stage.listener.all('payment.posted', ({ source }) => source?.id === instalmentId).at(0),
  );
  const payment = await stage.get<{
    locator: string;
    displayId: string;
    state: string;
    amount: number;
    method: string;
  }>(`/payments/${posted.data.locator}`);
  const { locator, displayId, state, amount, method } = payment;
  return { locator, displayId, state, amount, method, announced: posted.data.amount.amount, eventId: posted.id };
}

/** Step 4: the instalment is paid, the books balance, the partner knows. */
export async function settleFirst(stage: Stage, registered: Registered, payment: { locator: string }) {
  const { partner } = stage;
  const { schedule, instalment } = await scheduleWith(stage, registered, 1, ({ state }) => state === 'paid');
  const entries = await stage.until('the journal entries', async () => {
    const found = await journalOf(stage, `policyLocator=${registered.policyLocator}`);
    if (found.length < 3) throw new Error(`only ${found.map(({ kind }) => kind).join(', ')} so far`);
    return found;
  });
  const [posted, paid] = await Promise.all([
    stage.until('the webhook payment.posted', () =>
      partner.find('payment.posted', ({ locator }) => locator === payment.locator),
    ),
    stage.until('the webhook instalment.paid', () =>
      partner.find('instalment.paid', ({ instalmentId }) => instalmentId === instalment.id),
    ),
  ]);
  return {
    instalment: { state: instalment.state, balance: instalment.balance, periodEnd: instalment.periodEnd },
    paidThrough: schedule.paidThrough,
    entries: entries.map(({ kind }) => kind).toSorted(),
    unbalanced: entries.filter((entry) => !isBalanced(entry)).length,
    balances: balancesOf(entries),
    trialTotal: await trialTotal(stage),
    delivered: [posted.type, paid.type],
    deliveredPaidThrough: paid.data['paidThrough'] as string,
    refused: [...partner.refused],
  };
}
