import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;
let locator: string;
const tenantId = newId();

beforeAll(async () => {
  billing = await startBilling();
  api = await billing.api(tenantId);
  const { policy } = await issue(api);
  const { body } = await api.get<{ invoices: { locator: string }[] }>(`/invoices?policyLocator=${policy.locator}`);
  locator = body.invoices[0]!.locator;
});
afterAll(() => billing.stop());

it('an invoice is a page for a reader', async () => {
  const { status, headers, body } = await api.get<string>(`/invoices/${locator}/page`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(body).toMatch(/<h1>Invoice I-\d{6}<\/h1>[^]*25\.67 USD[^]*Premium[^]*23\.34 USD[^]*To pay/);
});

it('and a PDF for a printer', async () => {
  const { status, headers, body } = await api.get<string>(`/invoices/${locator}/pdf`);
  expect([status, headers.get('content-type')]).toEqual([200, 'application/pdf']);
  expect(headers.get('content-disposition')).toMatch(/^inline; filename="I-\d{6}\.pdf"$/);
  expect(body.startsWith('%PDF-1.7')).toBe(true);
});

it.each(['page', 'pdf'])("another tenant's has no %s", async (form) => {
  const stranger = await billing.api(newId());
  expect((await stranger.get(`/invoices/${locator}/${form}`)).status).toBe(404);
  expect((await api.get(`/invoices/I-000001/${form}`)).status).toBe(404);
  const clock = await billing.api(tenantId, ['admin:clock']);
  expect((await clock.get(`/invoices/${locator}/${form}`)).status).toBe(403);
});
