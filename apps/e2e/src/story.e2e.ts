import { collectFirst, makeSchedule, register, settleFirst } from '../../../tools/demo/first-month.ts';
import { issueOverNats } from '../../../tools/demo/policy-system.ts';
import { retrySecond, reverseSecond } from '../../../tools/demo/second-month.ts';
import { Stage } from '../../../tools/demo/stage.ts';
import { stack } from './stack.ts';

/** One story: each step goes on from the one before. */
describe('the story of one policy, 308.00 over twelve months', () => {
  let stage: Stage;
  let registered: Awaited<ReturnType<typeof register>>;
  let schedule: Awaited<ReturnType<typeof makeSchedule>>;
  let first: Awaited<ReturnType<typeof collectFirst>>;
  let second: Awaited<ReturnType<typeof retrySecond>>;

  beforeAll(async () => {
    stage = await Stage.open(stack.info, stack.demo);
  });

  afterAll(() => stage.close());

  it('begins with an endpoint, a stored method and a policy', async () => {
    registered = await register(stage);
    expect(registered).toMatchObject({
      endpointState: 'active',
      secretPrefix: 'whsec_',
      method: { type: 'card', brand: 'visa', last4: '4242', state: 'active' },
    });
  });

  it('has a schedule that is exact in rows and columns', async () => {
    schedule = await makeSchedule(stage, registered);
    expect(schedule).toMatchObject({
      total: '308.00',
      amounts: [...Array<string>(8).fill('25.67'), ...Array<string>(4).fill('25.66')],
      sums: { amounts: '308.00', tax: '28.00', premium: '280.00' },
      rowsThatDiffer: 0,
      announcedTotal: '308.00',
      firstDue: { number: 1, amount: '25.67', attempt: 1 },
    });
    expect(schedule.tax.join(' ')).toBe('2.33 2.34 2.33 2.33 2.34 2.33 2.34 2.33 2.33 2.33 2.34 2.33');
    expect(schedule.premium.join(' ')).toBe('23.34 23.33 23.34 23.34 23.33 23.34 23.33 23.34 23.33 23.33 23.32 23.33');
    expect(schedule.dueDates[0]).toBe(registered.effectiveDate);
  });

  it('is charged for its first instalment without anybody asking', async () => {
    first = await collectFirst(stage, schedule.instalmentId);
    expect(first).toMatchObject({ state: 'posted', amount: 25.67, method: 'card', announced: '25.67' });
  });

  it('is paid, booked and told to the partner', async () => {
    const settled = await settleFirst(stage, registered, first);
    expect(settled).toMatchObject({
      instalment: { state: 'paid', balance: '0.00' },
      entries: ['allocation_created', 'invoice_issued', 'payment_posted'],
      unbalanced: 0,
      balances: { '1100': '25.67', '1200': '0.00', '2010': '-23.34', '2100': '0.00', '2300': '-2.33' },
      trialTotal: '0.00',
      delivered: ['payment.posted', 'instalment.paid'],
      refused: [],
    });
    expect(settled.paidThrough).toBe(settled.instalment.periodEnd);
    expect(settled.deliveredPaidThrough).toBe(settled.instalment.periodEnd);
  });

  it('is declined in the second month, and collected a day later', async () => {
    second = await retrySecond(stage, registered);
    expect(second).toMatchObject({
      dueOn: schedule.dueDates[1],
      failure: { code: 'insufficient_funds', retryable: true, attempt: 1 },
      afterFailure: { state: 'billed', balance: '25.67' },
      businessDate: second.retryOn,
      retryAttempt: 2,
      payment: { amount: '25.67', attempt: 2, effectiveDate: second.retryOn },
      instalment: { state: 'paid', balance: '0.00' },
    });
    expect(second.paidThrough).toBe(second.instalment.periodEnd);
  });

  it('owes the second month again when its payment is taken back', async () => {
    const reversed = await reverseSecond(stage, registered, second.payment);
    expect(reversed).toMatchObject({
      payment: { state: 'returned', isStamped: true },
      // past due, so it is due by the end of today
      instalment: { state: 'billed', balance: '25.67', dueOn: second.businessDate },
      mirrored: [
        { kind: 'payment_reversed', of: 'payment_posted', isExact: true },
        { kind: 'allocation_reversed', of: 'allocation_created', isExact: true },
      ],
      balances: { '1100': '25.67', '1200': '25.67', '2010': '-46.67', '2100': '0.00', '2300': '-4.67' },
      trialTotal: '0.00',
      delivered: 'payment.reversed',
      refused: [],
    });
    expect(reversed.paidThrough).toBe(reversed.firstPeriodEnd);
  });

  it('is the same when a policy system issues it over NATS, however often', async () => {
    expect(await issueOverNats(stage, registered, second.businessDate)).toMatchObject({
      published: 3,
      policies: 1,
      schedules: 1,
      payments: 1,
      announced: { schedules: 1, payments: 1 },
      total: '308.00',
      first: '25.67',
    });
  });
});
