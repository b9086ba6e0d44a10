import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';

/** A link with a plan, paid on its page as a customer does it: opened, its form sent. */
export async function payLink(api: Api, employer: string) {
  const { body: link } = await api.post<{ id: string; url: string }>('/api/v1/payment-links', {
    ...{ employer_id: employer, carrier_id: 'C-1', policy_id: 'P-1', amount_cents: 1000 },
    ...{ payment_type: 'down_payment', installment_plan: { count: 2, per_installment_cents: 1000 } },
  });
  const page = await (await fetch(link.url)).text();
  const form = /name="form" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const body = new URLSearchParams({ form, token: 'tok_visa' });
  const headers = { origin: new URL(link.url).origin };
  const { status } = await fetch(link.url, { method: 'POST', body, redirect: 'manual', headers });
  if (status !== 303) throw new Error(`the form of ${link.url} was answered with ${status}`);
  const mine = `/api/v1/subscriptions?employer_id=${employer}`;
  const subscription = await eventually(async () => (await api.get<{ data: { id: string }[] }>(mine)).body.data[0]);
  return { 'payment-links': link.id, subscriptions: subscription.id };
}
