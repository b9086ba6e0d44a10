import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { issue, paymentData, startBilling, usd } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { DelinquencyWorld } from './world.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const late = async (plan: object = {}, terms: object = {}) => {
  const world = await (await DelinquencyWorld.begin(billing, plan, terms)).paidFirst();
  return world.on('2025-03-01');
};
const letterAbout = (text: string) =>
  eventually(async () => {
    const letters = await billing.deadLetters();
    return letters.find(({ body }) => Buffer.from(body).includes(text)) ?? null;
  });

describe('what is past due', () => {
  it('S-65, S-68: begins the day after, has grace, a notice with proof, a request, and its answer', async () => {
    const world = await late();
    expect(await world.delinquencies()).toEqual([]);
    await world.on('2025-03-02');
    expect(await world.delinquency()).toMatchObject({
      ...{ state: 'in_grace', balance: '100.00', onsetOn: '2025-03-01', graceEndOn: '2025-03-11', earlierNotices: [] },
    });
    await world.on('2025-03-09');
    const { notice } = await world.delinquency();
    expect(notice).toMatchObject({ state: 'due', amount: '100.00' });
    await world.mail(notice!.id, '2025-03-10T15:00:00Z');
    expect(await world.becomes('notice_issued')).toMatchObject({
      notice: { state: 'mailed', effectiveOn: '2025-03-21', cureOn: '2025-03-20', proofRef: 'COM-1' },
    });
    await world.on('2025-03-20');
    expect((await world.delinquency()).state).toBe('notice_issued');
    await world.on('2025-03-21');
    const { id, cancellationRequestId: requestId } = await world.delinquency();
    const [asked] = (await billing.eventsAbout(id)).filter(({ type }) => type === 'cancellation.requested');
    expect(asked!.data).toMatchObject({
      ...{ requestId, reason: 'non_payment', method: 'pro_rata', effectiveDate: '2025-03-21' },
      ...{ effectiveTimestamp: '2025-03-21T04:01:00.000Z', noticeRef: notice!.id, balance: usd(10_000) },
      // 100.00 of 1,200.00 a year carry it for 30 days.
      equityDate: '2025-03-03',
    });
    await world.say('policy.cancellation_accepted', newId(), { requestId, policyLocator: world.policy });
    await world.becomes('lapsed');
    expect(await world.told()).toEqual([
      ...['delinquency.started', 'delinquency.grace_started', 'delinquency.notice_due', 'delinquency.notice_issued'],
      ...['delinquency.lapse_triggered', 'cancellation.requested', 'delinquency.lapsed'],
    ]);
  });

  it('S-63: money after the lapse reinstates nothing silently: it is told that it may', async () => {
    const world = await late();
    await world.post('/fee-rules', {
      ...{ type: 'reinstatement_fee', currency: 'USD', amount: '25.00', effectiveFrom: '2025-01-01' },
    });
    await world.on('2025-03-09');
    await world.mail((await world.delinquency()).notice!.id, '2025-03-10T15:00:00Z');
    await world.becomes('notice_issued');
    await world.on('2025-03-21');
    const { id, cancellationRequestId: requestId } = await world.delinquency();
    await world.say('policy.cancellation_accepted', newId(), { requestId, policyLocator: world.policy });
    await world.becomes('lapsed');
    await world.pay(12_500, { effectiveDate: '2025-03-21' });
    const { data } = await billing.said('reinstatement.eligible', id);
    expect(data).toMatchObject({
      ...{ amountRequired: usd(12_500), fee: usd(2_500), received: usd(12_500), isEnough: true },
      ...{ windowEnd: '2025-04-20', lapseDays: 0 },
    });
    expect((await world.delinquency()).state).toBe('lapsed');
  });

  it('S-61: what counts is what came to the policy, by however many payments', async () => {
    const world = await late();
    const fee = { type: 'reinstatement_fee', currency: 'USD', amount: '25.00', effectiveFrom: '2025-01-01' };
    await world.post('/fee-rules', fee);
    await world.on('2025-03-09');
    await world.mail((await world.delinquency()).notice!.id, '2025-03-10T15:00:00Z');
    await world.becomes('notice_issued');
    await world.on('2025-03-21');
    const { id, cancellationRequestId: requestId } = await world.delinquency();
    await world.say('policy.cancellation_accepted', newId(), { requestId, policyLocator: world.policy });
    await world.becomes('lapsed');
    const other = { ...{ effectiveDate: '2025-03-21', expirationDate: '2026-03-21' }, collection: 'invoice' };
    await issue(world.api, { ...other, charges: [{ category: 'premium', amount: '1200.00' }] });
    await world.on('2025-03-21');
    // 100.00 pay what is past due, and what is left what the other policy owes.
    const come = async (minor: number, to: object) => {
      const data = paymentData(minor, { effectiveDate: '2025-03-21', ...to });
      await world.say('payment.posted', data.locator, data);
    };
    await come(12_500, { policyholderLocator: 'PH-1001' });
    const offer = async (times: number) => (await billing.said('reinstatement.eligible', id, times)).data;
    expect(await offer(1)).toMatchObject({ amountRequired: usd(12_500), received: usd(10_000), isEnough: false });
    // Perhaps in one batch.
    await come(1_000, { policyLocator: world.policy });
    await come(1_500, { policyLocator: world.policy });
    expect(await offer(3)).toMatchObject({ amountRequired: usd(2_500), received: usd(2_500), isEnough: true });
  });

  it('S-60: a policy that goes on after its lapse has its fee, and its delinquency is over', async () => {
    const world = await late();
    const fee = { type: 'reinstatement_fee', currency: 'USD', amount: '25.00', effectiveFrom: '2025-01-01' };
    await world.post('/fee-rules', fee);
    await world.on('2025-03-09');
    await world.mail((await world.delinquency()).notice!.id, '2025-03-10T15:00:00Z');
    await world.becomes('notice_issued');
    await world.on('2025-03-21');
    const transactions = `/policies/${world.policy}/transactions`;
    const end = { effectiveDate: '2025-03-21', reason: 'non_payment', method: 'pro_rata' };
    await world.post(transactions, { type: 'cancellation', ...end });
    await world.on('2025-03-21');
    expect((await world.delinquency()).state).toBe('lapsed');
    await world.on('2025-03-31');
    const reinstatement = { type: 'reinstatement', effectiveDate: '2025-03-31', lapse: true };
    const { id } = await world.post(transactions, reinstatement);
    const { data } = await billing.said('reinstatement.billed', id);
    expect(data).toMatchObject({ lapseDays: 10, fee: usd(2_500) });
    await world.on('2025-03-31');
    // What was past due before is owed still, as on any policy in force.
    expect((await world.delinquencies()).map(({ state }) => state)).toEqual(['in_grace', 'closed']);
    expect((await world.invoices()).filter(({ type }) => type === 'fee')).toMatchObject([
      { balance: '25.00', dueOn: '2025-03-31' },
    ]);
  });

  it('S-78: a part leaves the rest to cure, and the rest in time takes the notice back', async () => {
    const world = await late();
    await world.on('2025-03-09');
    await world.mail((await world.delinquency()).notice!.id, '2025-03-10T15:00:00Z');
    await world.becomes('notice_issued');
    await world.pay(6_000, { effectiveDate: '2025-03-12' });
    expect(await world.delinquency()).toMatchObject({ state: 'notice_issued', balance: '40.00' });
    await world.pay(4_000, { effectiveDate: '2025-03-20' });
    expect(await world.delinquency()).toMatchObject({ state: 'rescinded', notice: { state: 'withdrawn' } });
    await world.on('2025-03-30');
    expect(await world.delinquencies()).toHaveLength(1);
  });

  it('S-72: so little short as the plan tolerates is as good as paid, and does not begin anew', async () => {
    const world = await late({ tolerance: '1.00' });
    await world.on('2025-03-02');
    await world.pay(9_950, { effectiveDate: '2025-03-02' });
    expect(await world.delinquency()).toMatchObject({ state: 'settled', balance: '0.50' });
    await world.on('2025-03-10');
    expect(await world.delinquencies()).toHaveLength(1);
  });

  it('S-80: never paid, a policy is cancelled from its first day', async () => {
    const world = await DelinquencyWorld.begin(billing);
    await world.on('2025-02-02');
    const found = await world.delinquency();
    expect(found).toMatchObject({ state: 'lapse_triggered', reason: 'not_taken', cancelOn: '2025-02-01' });
    const asked = await billing.said('cancellation.requested', found.id);
    expect(asked.data).toMatchObject({ reason: 'not_taken', method: 'flat', balance: usd(0) });
  });

  it('S-80: not while its first charge has no answer, and without a late fee', async () => {
    const world = await DelinquencyWorld.begin(billing, {}, { collection: 'automatic' });
    const fee = { type: 'late_fee', currency: 'USD', amount: '5.00', effectiveFrom: '2025-01-01' };
    await world.post('/fee-rules', fee);
    await (await (await world.on('2025-02-01')).on('2025-02-02')).on('2025-02-03');
    expect(await world.delinquency()).toMatchObject({ state: 'pre_grace', reason: 'not_taken' });
    await world.fail('hard');
    expect(await world.becomes('lapse_triggered')).toMatchObject({ reason: 'not_taken', cancelOn: '2025-02-01' });
    await world.on('2025-02-04');
    expect((await world.invoices()).filter(({ type }) => type === 'fee')).toEqual([]);
  });

  it('S-81: cover ends with the month of grace that is covered, and the months after it are not owed', async () => {
    const health = { graceMonths: 3, coveredMonths: 1, noticeAfterDays: 60 };
    const term = { effectiveDate: '2025-01-01', expirationDate: '2026-01-01' };
    const world = await (await DelinquencyWorld.begin(billing, health, term)).paidFirst();
    for (const date of ['2025-02-01', '2025-02-02', '2025-03-01', '2025-04-01', '2025-04-02']) await world.on(date);
    expect(await world.delinquency()).toMatchObject({ onsetOn: '2025-02-01', graceEndOn: '2025-04-30' });
    await world.mail((await world.delinquency()).notice!.id, '2025-04-03T15:00:00Z');
    await world.becomes('notice_issued');
    await world.on('2025-04-20');
    await world.pay(10_000, { effectiveDate: '2025-04-20' });
    await (await (await world.on('2025-04-30')).on('2025-05-01')).on('2025-05-02');
    const { id, state, cancelOn, balance } = await world.delinquency();
    expect({ state, cancelOn, balance }).toEqual({
      ...{ state: 'lapse_triggered', cancelOn: '2025-03-01', balance: '300.00' },
    });
    const asked = await billing.said('cancellation.requested', id);
    expect(asked.data).toMatchObject({
      ...{ effectiveDate: '2025-03-01', effectiveTimestamp: '2025-03-01T05:00:00.000Z', balance: usd(0) },
    });
    const end = { effectiveDate: '2025-03-01', reason: 'non_payment', method: 'pro_rata' };
    await world.post(`/policies/${world.policy}/transactions`, { type: 'cancellation', ...end });
    await world.on('2025-05-02');
    expect(new Set((await world.invoices()).map(({ balance: owed }) => owed))).toEqual(new Set(['0.00']));
    expect((await world.delinquency()).state).toBe('lapsed');
  });

  it('S-82: a notice that came back is void, and another one is asked for', async () => {
    const world = await late();
    await world.on('2025-03-09');
    const first = (await world.delinquency()).notice!.id;
    await world.mail(first, '2025-03-10T15:00:00Z');
    await world.becomes('notice_issued');
    await world.say('policy.notice_returned', first, { noticeId: first, policyLocator: world.policy });
    const again = await world.becomes('in_grace');
    expect(again).toMatchObject({ notice: { state: 'due' }, earlierNotices: [{ id: first, state: 'returned' }] });
    await world.on('2025-03-25');
    expect((await world.delinquency()).state).toBe('in_grace');
  });

  it('S-79: what a producer bills is for a person, who may close it', async () => {
    const world = await late({}, { billingMethod: 'agency', producerId: 'PROD-7' });
    await world.on('2025-03-02');
    const { id, ...found } = await world.delinquency();
    expect(found).toMatchObject({ state: 'manual_review', reviewReason: 'agency_billed' });
    const { data } = await billing.said('delinquency.referred', id);
    expect(data).toMatchObject({ producerId: 'PROD-7', reviewReason: 'agency_billed' });
    const decide = () =>
      world.api.post<{ state: string; code: string }>(`/delinquencies/${id}/decide`, { outcome: 'closed' });
    expect(await decide()).toMatchObject({ status: 200, body: { state: 'closed' } });
    expect(await decide()).toMatchObject({ status: 409, body: { code: 'invalid_transition' } });
  });

  it('by an invoice plan each invoice has its own', async () => {
    const world = await late({ level: 'invoice', noticeAfterDays: 60 });
    await (await world.on('2025-04-01')).on('2025-04-02');
    expect((await world.delinquencies()).map(({ balance, onsetOn }) => [onsetOn, balance])).toEqual([
      ['2025-04-01', '100.00'],
      ['2025-03-01', '100.00'],
    ]);
  });

  it('S-73: by a policy plan a second invoice joins', async () => {
    const world = await late({ noticeAfterDays: 60 });
    await (await world.on('2025-04-01')).on('2025-04-02');
    expect(await world.delinquencies()).toMatchObject([{ onsetOn: '2025-03-01', balance: '200.00' }]);
  });

  it('is nobody else’s business: without a plan nothing is followed, and another tenant sees nothing', async () => {
    const world = await late();
    await world.on('2025-03-02');
    const { id } = await world.delinquency();
    const other = await billing.api(newId());
    expect((await other.get(`/delinquencies/${id}`)).status).toBe(404);
    expect((await other.get<{ items: unknown[] }>(`/delinquencies?policyLocator=${world.policy}`)).body.items).toEqual(
      [],
    );
  });

  it('begins once, however many look at the same time', async () => {
    const world = await late();
    await Promise.all([1, 2, 3, 4].map(() => world.on('2025-03-02')));
    expect(await world.delinquencies()).toHaveLength(1);
    expect(await world.told()).toEqual(['delinquency.started', 'delinquency.grace_started']);
  });
});

describe('what a policy system says', () => {
  it('of a notice or a request that nobody asked for is a dead letter', async () => {
    const world = await late();
    const stranger = newId();
    await world.mail(stranger, '2025-03-10T15:00:00Z');
    expect((await letterAbout(stranger)).reason).toContain('was never asked for');
    const request = newId();
    await world.say('policy.cancellation_accepted', newId(), { requestId: request, policyLocator: world.policy });
    expect((await letterAbout(request)).reason).toContain('was never asked for');
  });

  it('S-69: of a notice before the default, or without proof, is a dead letter; nothing counts from it', async () => {
    const world = await (await late()).on('2025-03-09');
    const { id } = (await world.delinquency()).notice!;
    await world.mail(id, '2025-02-27T15:00:00Z');
    expect((await letterAbout(id)).reason).toContain('notice_not_valid');
    expect(await world.delinquency()).toMatchObject({ state: 'in_grace', notice: { state: 'due' } });
  });

  it.each(['2025-03-10', '2025-W11-1', '2025-03-10T15:00:00'])(
    'at no instant, %s, is a dead letter',
    async (mailedAt) => {
      const world = await (await late()).on('2025-03-09');
      const { id } = (await world.delinquency()).notice!;
      await world.mail(id, mailedAt);
      expect((await letterAbout(id)).reason).toContain('/mailedAt must be an RFC 3339 instant');
    },
  );

  it('wrongly is a dead letter that names every field', async () => {
    const world = await late();
    const marker = newId();
    await world.say('policy.notice_mailed', marker, { noticeId: 'n', policyLocator: marker, mailedAt: 'yesterday' });
    const { reason } = await letterAbout(marker);
    expect(reason).toContain('/noticeId');
    expect(reason).toContain('/mailedAt');
  });
});
