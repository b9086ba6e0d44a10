import type { EventData } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, startBilling, usd } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

type Priced = EventData<'policy.quote_priced'>;

const terms = {
  ...{ currency: 'USD', timeZone: 'America/New_York', effectiveDate: '2025-01-01', expirationDate: '2026-01-01' },
  charges: [
    { category: 'premium', amount: '280.00' },
    { category: 'tax', code: 'IPT', amount: '28.00' },
  ],
} as const;
const priced = (tenantId: string, said: object = {}, id = newId()) => {
  const data = { quoteId: newId(), ...structuredClone(terms), ...said } as unknown as Priced;
  return eventOf({ type: 'policy.quote_priced', tenantId, id, subject: data.quoteId, data });
};
const quoteOf = ({ data }: { data: unknown }) => (data as Priced).quoteId;
const letterAbout = (text: string) =>
  eventually(async () => (await billing.deadLetters()).find(({ body }) => Buffer.from(body).includes(text)) ?? null);

it('a priced quote is answered with the plans and first amounts of a preview, the tenant’s own first', async () => {
  const tenantId = newId();
  const api = await billing.api(tenantId);
  const own = { name: 'two-halves', label: 'Two halves', cadence: { type: 'semiannual' } };
  expect(await api.post('/plans', own)).toMatchObject({ status: 201 });
  const event = priced(tenantId);
  await billing.publish(event);
  const { data, subject, causationid } = await billing.said('plan.offered', quoteOf(event));
  expect({ subject, causationid }).toEqual({ subject: quoteOf(event), causationid: event.id });
  expect(data).toMatchObject({ currency: 'USD', effectiveDate: '2025-01-01', expirationDate: '2026-01-01' });

  const body = { ...terms, policyNumber: 'Q', policyholderLocator: 'PH-1', collection: 'invoice' };
  const preview = await api.post<{ plans: { total: string; firstInstalmentAmount: string }[] }>(
    '/schedules/preview',
    body,
  );
  const shown = data.plans.map(({ total, firstInstalmentAmount, ...plan }) => {
    return { ...plan, total: total.amount, firstInstalmentAmount: firstInstalmentAmount.amount };
  });
  expect(shown).toEqual(preview.body.plans);
  expect(data.plans.map(({ plan }) => plan)[0]).toBe('two-halves');
  expect(data.plans).toContainEqual(
    expect.objectContaining({
      ...{ plan: '1year-monthly', planVersion: 1, instalmentCount: 12, total: usd(30_800) },
      firstInstalmentAmount: usd(2_567),
    }),
  );
});

it('told again, by that event or another, it is answered once; with another price it is a dead letter', async () => {
  const tenantId = newId();
  const first = priced(tenantId);
  const quoteId = quoteOf(first);
  const other = priced(tenantId, { quoteId, charges: [{ category: 'premium', amount: '281.00' }] });
  const marker = priced(tenantId);
  await billing.publish(first, first, priced(tenantId, { quoteId }), other, marker);
  expect((await letterAbout(other.id)).reason).toContain(`quote_conflict: quote ${quoteId}`);
  await billing.said('plan.offered', quoteOf(marker));
  expect(await billing.eventsOf(tenantId)).toHaveLength(2);
});

it('a quote of the same name of another tenant is another one', async () => {
  const [one, two] = [newId(), newId()];
  const quoteId = newId();
  await billing.publish(priced(one, { quoteId }), priced(two, { quoteId, timeZone: undefined }));
  await billing.said('plan.offered', quoteId, 2);
  expect(await billing.eventsOf(two)).toHaveLength(1);
});

it.each([
  [{ quoteId: 'x'.repeat(65) }, '/quoteId'],
  [{ currency: 'ABC' }, '/currency must be an ISO 4217'],
  [{ expirationDate: '2024-01-01' }, '/expirationDate must be later than effectiveDate'],
  [{ charges: [] }, '/charges'],
  [{ charges: [{ category: 'premium', amount: '280.005' }] }, '/charges/0/amount USD has 2 decimals'],
  [{ timeZone: 'Nowhere' }, '/timeZone'],
  [{ plan: 'full-pay' }, '/plan'],
])('%j is a dead letter that names the field, and holds nobody up', async (said, wanted) => {
  const tenantId = newId();
  const [wrong, right] = [priced(tenantId, said), priced(tenantId)];
  await billing.publish(wrong, right);
  expect((await letterAbout(wrong.id)).reason).toContain(wanted);
  await billing.said('plan.offered', quoteOf(right));
  expect(await billing.eventsOf(tenantId)).toHaveLength(1);
});
