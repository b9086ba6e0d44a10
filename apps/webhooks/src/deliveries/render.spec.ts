import { readFileSync } from 'node:fs';
import { catalogue, partnerEventTypes } from '@quittance/events/catalogue';
import { sampleEvent } from '@quittance/events/samples';
import { resourcePaths, thinData } from '../domain/thin.ts';
import { messageOf } from './message.ts';
import { render } from './render.ts';

const full = { contentMode: 'full', payloadVersion: 1 } as const;
const thin = { contentMode: 'thin', payloadVersion: 1 } as const;
const posted = messageOf(sampleEvent('payment.posted'));
const parsed = (bytes: Buffer) => JSON.parse(bytes.toString()) as Record<string, unknown>;

it('the whole: the very bytes that are stored', () => {
  expect(render(posted, full)).toBe(posted.body);
});

it('thin: the ids and where to read the rest', () => {
  const { data, ...envelope } = parsed(render(posted, thin));
  const { data: whole, ...stored } = parsed(posted.body);
  expect(envelope).toEqual(stored);
  const { locator, displayId, policyLocator, policyholderLocator, invoiceLocator, paymentMethodId } = whole as Record<
    string,
    string
  >;
  expect(data).toEqual({
    ...{ locator, displayId, policyLocator, policyholderLocator, invoiceLocator, paymentMethodId },
    resource: `/payments/${locator}`,
  });
});

it.each([full, thin])('every attempt has the same bytes: %j', (mode) => {
  expect(render(posted, mode).equals(render(posted, mode))).toBe(true);
});

it.each(partnerEventTypes)('thin %s holds no amount, date or reason, and leads to its resource', (type) => {
  const { resource, ...ids } = thinData(type, catalogue[type].sample as Record<string, unknown>);
  expect(resource).toMatch(/^\/[\w/-]+$/);
  expect(Object.keys(ids).filter((name) => !/locator$|Id$/i.test(name))).toEqual([]);
});

it('every resource is an operation of the API', () => {
  const document = new URL('../../../../docs/api/openapi.json', import.meta.url);
  const { paths } = JSON.parse(readFileSync(document, 'utf8')) as { paths: Record<string, { get?: object }> };
  const readable = Object.keys(paths).filter((path) => paths[path]?.get !== undefined);
  const anonymous = (path: string) => path.replace(/\{\w+\}/g, '{}');
  const known = new Set(readable.map(anonymous));
  expect(Object.values(resourcePaths).filter((path) => !known.has(anonymous(path)))).toEqual([]);
});

it('an id is written into the path so that it cannot lead elsewhere', () => {
  expect(thinData('invoice.paid', { invoiceLocator: '../payments?a=\ud800' })).toMatchObject({
    resource: '/invoices/..%2Fpayments%3Fa%3D%EF%BF%BD',
  });
  expect(thinData('invoice.paid', { policyLocator: 'P-1', amount: 1 })).toEqual({ policyLocator: 'P-1' });
  expect(thinData('acme.claim_opened', { claimId: 7, claim: { id: 'x' } })).toEqual({ claimId: 7 });
});
