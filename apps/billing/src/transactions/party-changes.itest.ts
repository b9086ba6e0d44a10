import { newId } from '@quittance/service-kit/id';
import type { EventData } from '@quittance/events/catalogue';
import { eventually } from '@quittance/testing/eventually';
import { DelinquencyWorld } from '../delinquency/world.itest.ts';
import { eventOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

interface Policy {
  version: number;
  policyholderLocator: string;
  collection: string;
  producerId?: string;
  financerId?: string;
  mortgageeId?: string;
  paymentMethodId?: string;
}

const letterAbout = (text: string) =>
  eventually(async () => (await billing.deadLetters()).find(({ body }) => Buffer.from(body).includes(text)) ?? null);

/** A policy of 100.00 a month since 2025-02-01 that PROD-7 has sold. */
async function world() {
  const it = await DelinquencyWorld.begin(billing, {}, { producerId: 'PROD-7' });
  const path = `/policies/${it.policy}`;
  const change = (transactionId: string, said: object, id = newId()) => {
    const data = { policyLocator: it.policy, transactionId, ...said } as EventData<'policy.party_changed'>;
    return eventOf({ type: 'policy.party_changed', tenantId: it.tenantId, id, data });
  };
  const policy = async () => (await it.api.get<Policy>(path)).body;
  const atVersion = (version: number) =>
    eventually(async () => {
      const found = await policy();
      return found.version === version ? found : null;
    });
  return { it, path, change, policy, atVersion };
}

describe('policy.party_changed', () => {
  it('says who pays, sells and lends from then on, and what is due next asks the new payer', async () => {
    const { it: tenant, change, atVersion } = await world();
    const [first] = await tenant.invoices();
    const transactionId = newId();
    const parties = {
      ...{ policyholderLocator: 'PH-2002', collection: 'automatic', paymentMethodId: 'pm-9' },
      ...{ producerId: 'PROD-8', financerId: 'FIN-1', mortgageeId: 'BANK-3' },
    };
    await billing.publish(change(transactionId, parties));
    expect(await atVersion(2)).toMatchObject(parties);
    const { data } = await billing.said('policy_transaction.applied', transactionId);
    expect(data).toMatchObject({ type: 'party_change', policyVersion: 2, charges: [], parties });
    const { locator, balance, dueOn } = first!;
    expect(await tenant.invoices()).toMatchObject([
      { locator, balance, dueOn, state: 'open', policyholderLocator: 'PH-2002' },
    ]);
    await tenant.on('2025-03-01');
    const due = (await billing.eventsOf(tenant.tenantId)).filter(({ type }) => type === 'instalment.due');
    expect(due.map((event) => (event.data as EventData<'instalment.due'>).policyholderLocator)).toEqual([
      'PH-1001',
      'PH-2002',
    ]);
    expect(due.at(-1)!.data).toMatchObject({ collection: 'automatic', paymentMethodId: 'pm-9' });
  });

  it('null takes a party away, and what is absent stays', async () => {
    const { change, atVersion } = await world();
    await billing.publish(change(newId(), { producerId: null, mortgageeId: 'BANK-3' }));
    const changed = await atVersion(2);
    expect(changed).toMatchObject({ policyholderLocator: 'PH-1001', collection: 'invoice', mortgageeId: 'BANK-3' });
    expect(changed.producerId).toBeUndefined();
  });

  it('told again, by the same event or another, it changes nothing, also after a later one', async () => {
    const { change, atVersion, policy } = await world();
    const transactionId = newId();
    const first = change(transactionId, { producerId: 'PROD-8' });
    const later = change(newId(), { producerId: 'PROD-9' });
    const other = change(transactionId, { producerId: 'PROD-1' });
    await billing.publish(first, later, first, change(transactionId, { producerId: 'PROD-8' }), other);
    expect((await letterAbout(other.id)).reason).toContain('transaction_conflict');
    expect(await atVersion(3)).toMatchObject({ producerId: 'PROD-9' });
    expect((await policy()).version).toBe(3);
  });

  it.each([
    [{}, 'must name at least one of policyholderLocator'],
    [{ policyholderLocator: null }, '/policyholderLocator'],
    [{ collection: 'cash' }, '/collection'],
    [{ producerId: 'x'.repeat(65) }, '/producerId'],
    [{ payer: 'PH-2' }, '/payer'],
    [{ transactionId: 'one', producerId: 'PROD-8' }, '/transactionId'],
    [{ policyLocator: newId(), producerId: 'PROD-8' }, 'unknown_policy'],
    [{ policyVersion: 9, producerId: 'PROD-8' }, '/policyVersion'],
  ])('%j is a dead letter that says what is wrong', async (said, wanted) => {
    const { change, policy } = await world();
    const wrong = change(newId(), said);
    await billing.publish(wrong);
    expect((await letterAbout(wrong.id)).reason).toContain(wanted);
    expect((await policy()).version).toBe(1);
  });

  it('leaves what was reserved to who sold the term; the next term is the new producer’s', async () => {
    const { it: tenant, path, change, atVersion } = await world();
    const earn = { rate: '0.15', earn: 'on_issue', effectiveFrom: '2020-01-01' };
    for (const producerId of ['PROD-7', 'PROD-8']) await tenant.post('/commission-agreements', { producerId, ...earn });
    const term = (year: number) => ({ effectiveDate: `${year}-02-01`, expirationDate: `${year + 1}-02-01` });
    const renewal = (year: number) => ({
      ...{ type: 'renewal', ...term(year), charges: [{ category: 'premium', amount: '1200.00' }] },
    });
    await tenant.post(`${path}/transactions`, renewal(2026));
    await billing.publish(change(newId(), { producerId: 'PROD-8' }));
    await atVersion(3);
    const more = [{ category: 'premium', amount: '100.00' }];
    await tenant.post(`${path}/transactions`, { type: 'endorsement', effectiveDate: '2026-02-01', charges: more });
    await tenant.post(`${path}/transactions`, renewal(2027));
    const entries = await tenant.api.get<{ items: { producerId: string; state: string; amount: string }[] }>(
      `/commission-entries?policyLocator=${tenant.policy}&state=reserved`,
    );
    const reserved = entries.body.items.map(({ producerId, amount }) => [producerId, amount]);
    expect(reserved.toSorted()).toEqual([
      ['PROD-7', '15.00'],
      ['PROD-7', '180.00'],
      ['PROD-8', '180.00'],
    ]);
  });
});

describe('PATCH /policies/{locator}', () => {
  it('does the same and answers the policy', async () => {
    const { it: tenant, path } = await world();
    const changed = await tenant.api.send<Policy>('PATCH', path, { body: { producerId: 'PROD-8', policyVersion: 1 } });
    expect(changed).toMatchObject({ status: 200, body: { producerId: 'PROD-8', version: 2 } });
  });

  it.each([
    [{}, 400, ''],
    [{ policyholderLocator: null }, 400, '/policyholderLocator'],
    [{ payer: 'PH-2' }, 400, '/payer'],
    [{ producerId: 'PROD-8', policyVersion: 9 }, 409, '/policyVersion'],
  ])('%j is %i and names %s', async (body, status, pointer) => {
    const { it: tenant, path } = await world();
    const answer = await tenant.api.send<{ errors: { pointer: string }[] }>('PATCH', path, { body });
    expect([answer.status, [...new Set(answer.body.errors.map((each) => each.pointer))]]).toEqual([status, [pointer]]);
  });

  it('another tenant’s is 404', async () => {
    const { path } = await world();
    const other = await billing.api(newId());
    expect((await other.send('PATCH', path, { body: { producerId: 'PROD-8' } })).status).toBe(404);
  });
});
