import { sampleOf } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, paymentData, startBilling, usd } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterAll(() => billing.stop());

const tenantId = newId();

/** A paid invoice, and a dispute of the payment that paid it. */
async function disputedInvoice() {
  const api = await billing.api(tenantId);
  const { policy, schedule } = await issue(api);
  const source = { type: 'instalment', id: schedule.instalments[0]!.id, attempt: 1 } as const;
  const data = paymentData(2567, { source });
  const disputeId = newId();
  const dispute = (type: 'dispute.opened' | 'dispute.updated' | 'dispute.won' | 'dispute.lost', sequence: number) =>
    eventOf({
      ...{ type, tenantId, subject: disputeId, sequence },
      data: { ...sampleOf(type), disputeId, paymentLocator: data.locator, amount: usd(1000) },
    });
  const shows = (disputed: string, state: string) =>
    eventually(async () => {
      const { body } = await api.get<{ invoices: object[] }>(`/invoices?policyLocator=${policy.locator}`);
      expect(body.invoices).toMatchObject([{ disputed, state }]);
      return true;
    });
  const about = { tenantId, subject: data.locator };
  const posted = eventOf({ type: 'payment.posted', ...about, data });
  const returned = eventOf({
    ...{ type: 'payment.returned', ...about, sequence: 2 },
    data: {
      ...data,
      amountDisputed: usd(2567),
      return: { scheme: 'card', code: 'chargeback', pejorative: false, returnedDate: '2025-02-03' },
    },
  });
  return { posted, returned, dispute, shows };
}

it('flags what a disputed payment has paid, which stays paid, until the dispute is won', async () => {
  const { posted, dispute, shows } = await disputedInvoice();
  await billing.publish(posted);
  await shows('0.00', 'paid');
  await billing.publish(dispute('dispute.opened', 1), dispute('dispute.updated', 2));
  await shows('25.67', 'paid');
  await billing.publish(dispute('dispute.won', 3));
  await shows('0.00', 'paid');
});

it('flags a payment that is posted after its dispute was told', async () => {
  const { posted, dispute, shows } = await disputedInvoice();
  await billing.publish(dispute('dispute.opened', 1), posted);
  await shows('25.67', 'paid');
});

it('leaves nothing to flag of a lost one: its payment was returned', async () => {
  const { posted, returned, dispute, shows } = await disputedInvoice();
  await billing.publish(posted, dispute('dispute.opened', 1));
  await shows('25.67', 'paid');
  await billing.publish(dispute('dispute.lost', 2), returned);
  await shows('0.00', 'open');
  expect(await billing.broken()).toEqual([]);
});
