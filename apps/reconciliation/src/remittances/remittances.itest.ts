import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { BookSettlementsWorker } from '../settlement/book-settlements.worker.ts';
import { TellOverdueWorker } from '../settlement/tell-overdue.worker.ts';
import { inShort, startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { remittanceText } from './remittance-text.fixture.ts';
import type { SaidRemittance } from './remittance-text.fixture.ts';

let recon: Reconciliation;
beforeAll(async () => {
  recon = await startReconciliation();
});
afterAll(() => recon.stop());

const scopes = ['recon:read', 'recon:write', 'recon:phi'];
const call = async (tenantId: string, method: string, path: string, body?: unknown, granted = scopes) =>
  (await recon.api(tenantId, granted, 'ann')).send<any>(method, path, body === undefined ? {} : { body });
async function upload(tenantId: string, path: string, content: string) {
  const headers = { 'content-type': 'application/octet-stream', 'idempotency-key': newId() };
  return (await recon.api(tenantId, scopes)).send<any>('POST', path, { body: content, headers });
}
const take = (tenantId: string, said: SaidRemittance) => upload(tenantId, '/remittances', remittanceText(said));
const exceptionsOf = async (tenantId: string) => {
  const rows = await recon.sql<{ type: string; state: string }>(
    'SELECT type, state FROM exceptions WHERE tenant_id = $1 ORDER BY type',
    [tenantId],
  );
  return rows.map(({ type, state }) => `${type} ${state}`);
};

/** Billed 400, paid 395, 5 for the patient; 3.95 taken for an earlier overpayment, 1.00 interest. */
const said: SaidRemittance = {
  ...{ amount: '392.05', trace: 'E000012345', plb: ['WO:OLD*3.95', 'L6:OLD*-1'] },
  claims: [{ account: 'ACC-1', charge: '400', paid: '395', patient: '5', adjustments: ['PR*1*5'], control: 'ICN-1' }],
};

it('is booked as the rules say, found at its money by TRN, and shows no patient but to who may see one', async () => {
  const tenantId = newId();
  const imported = {
    number: 'C-1',
    patientAccount: 'acc 1',
    charge: '400.00',
    currency: 'USD',
    servedOn: '2026-02-01',
  };
  const claims = await call(tenantId, 'POST', '/claims', { claims: [imported] });
  expect([claims.status, claims.body.items[0].charge]).toEqual([201, '400.00']);
  expect((await call(tenantId, 'POST', '/claims', { claims: [imported] })).body).toEqual(claims.body);
  const { status, body } = await take(tenantId, said);
  expect([status, body.format, body.remittances[0].state, body.remittances[0].amount]).toEqual([
    ...[201, 'x12_835', 'received', '392.05'],
  ]);
  const entries = await recon.booked(tenantId, 2);
  const posted = entries.find(({ kind }) => kind === 'remittance_posted')!;
  expect(inShort(posted)).toEqual([
    ...['1130 392.05 0.00', '1240 5.00 0.00', '2400 3.95 0.00', '4300 0.00 1.00', '1230 0.00 400.00'],
  ]);
  const { id } = body.remittances[0];
  expect((await call(tenantId, 'GET', `/remittances/${id}`)).body).toMatchObject({
    ...{ state: 'posted', balanced: true, traceNumber: 'E000012345', originator: '1512345678', claims: 1, faults: [] },
    payer: { name: 'SYNTHETIC HEALTH PLAN', id: '87726' },
  });
  const types = async () => (await recon.eventsOf(id)).map(({ type }) => type);
  await eventually(async () => (await types()).length === 2);
  expect(await types()).toEqual(['remittance.received', 'remittance.posted']);
  const line = ':61:2603020302C392,05NTRFNONREF//B1';
  const fields = [':20:S', ':25:9', ':28C:1/1', ':60F:C260301USD0,', line, ':86:TRN*1*E000012345*1512345678~'];
  await upload(tenantId, '/bank-statements', [...fields, ':62F:C260302USD392,05', '-', ''].join('\r\n'));
  await eventually(
    async () => (await call(tenantId, 'GET', '/matches?set=remittance_deposit')).body.items.length === 1,
  );
  recon.service.app.get(BookSettlementsWorker).kick();
  const [deposited] = await recon.booked(tenantId, 3);
  expect([deposited!.kind, ...inShort(deposited!)]).toEqual([
    'deposit_matched',
    '1010 392.05 0.00',
    '1130 0.00 392.05',
  ]);
  const [claim] = (await call(tenantId, 'GET', `/remittances/${id}/claims`)).body.items;
  expect(claim).toMatchObject({ charge: '400.00', adjustments: [{ group: 'PR', reason: '1', amount: '5.00' }] });
  const ofClaim = `/remittances/${id}/claims/${claim.id}`;
  expect((await call(tenantId, 'GET', `${ofClaim}/lines`)).body.items).toEqual([]);
  expect((await call(tenantId, 'GET', `${ofClaim}/patient`, undefined, ['recon:read'])).status).toBe(403);
  expect((await call(tenantId, 'GET', `${ofClaim}/patient`)).body).toEqual({
    name: 'DOE, JANE',
    memberId: 'M123456789',
  });
  expect(await recon.sql('SELECT read_by FROM patient_reads WHERE tenant_id = $1', [tenantId])).toEqual([
    { read_by: 'ann' },
  ]);
  for (const path of [
    `/remittances/${id}`,
    `${ofClaim}/lines`,
    `${ofClaim}/patient`,
    `/claims/${claims.body.items[0].id}`,
  ]) {
    expect((await call(newId(), 'GET', path)).status).toBe(404);
  }
  const kept = await recon.sql<{ text: string }>(
    `SELECT concat((SELECT string_agg(to_jsonb(c)::text, '') FROM remittance_claims c),
                   (SELECT string_agg(convert_from(body, 'UTF8'), '') FROM event_log)) AS text`,
  );
  expect(kept[0]!.text).not.toMatch(/JANE|M123456789/);
});

it('sent again by a clearing house changes nothing; said differently it is held for a person', async () => {
  const tenantId = newId();
  const first = (await take(tenantId, said)).body.remittances[0];
  const again = await take(tenantId, { ...said, control: '0777' });
  expect([again.body.duplicate, again.body.remittances[0]]).toMatchObject([false, { id: first.id, duplicate: true }]);
  const other = { ...said, claims: [{ ...said.claims[0]!, account: 'ACC-2' }] };
  const conflict = (await take(tenantId, other)).body;
  expect(conflict.remittances[0]).toMatchObject({ state: 'held', duplicate: false });
  expect(conflict.exceptions).toMatchObject([{ type: 'remit_conflict' }]);
  const path = `/remittances/${conflict.remittances[0].id}`;
  expect((await call(tenantId, 'GET', path)).body.conflictsWith).toBe(first.id);
  expect((await call(tenantId, 'POST', `${path}/post`, { reason: 'x' })).body.code).toBe('remittance_unbalanced');
  expect((await call(tenantId, 'POST', `${path}/void`, { reason: 'Sent in error' })).body).toMatchObject({
    state: 'void',
  });
  await recon.booked(tenantId, 1);
});

it.each([
  ['remit_unbalanced', { amount: '392.06' }],
  ['remit_claim_unbalanced', { claims: [{ ...said.claims[0]!, adjustments: ['PR*1*6'] }] }],
])('that does not add up is stored, shown and held: %s', async (type, over) => {
  const tenantId = newId();
  const { body } = await take(tenantId, { ...said, ...over });
  expect(body.exceptions).toMatchObject([{ type }]);
  expect(await exceptionsOf(tenantId)).toEqual([`${type} open`]);
  const isWhole = type === 'remit_unbalanced';
  expect(body.remittances[0].state).toBe(isWhole ? 'held' : 'received');
  if (isWhole) return;
  // The cash is what was paid: the claim's is unidentified until a person knows better.
  const [entry] = await recon.booked(tenantId, 1);
  expect(inShort(entry!)).toEqual([...['1130 392.05 0.00', '2400 3.95 0.00', '4300 0.00 1.00', '2110 0.00 395.00']]);
});

it('an original, its reversal and the correction end at what is right; a lost reversal is asked about', async () => {
  const tenantId = newId();
  await take(tenantId, { ...said, amount: '395', plb: [] });
  const reversal = {
    account: 'ACC-1',
    status: '22',
    charge: '-400',
    paid: '-395',
    adjustments: ['PR*1*-5'],
    control: 'ICN-1',
  };
  const corrected = { account: 'ACC-1', charge: '400', paid: '300', adjustments: ['CO*45*100'], control: 'ICN-2' };
  await take(tenantId, { amount: '-95', trace: 'E2', claims: [reversal, corrected] });
  await recon.booked(tenantId, 2);
  const balances = async () => {
    const { accounts } = (await call(tenantId, 'GET', '/trial-balance')).body.USD;
    return Object.fromEntries(accounts.map(({ code, balance }: any) => [code, balance]));
  };
  expect(await balances()).toEqual({ '1130': '300.00', '1230': '-400.00', '1240': '0.00', '4210': '100.00' });
  expect(await exceptionsOf(tenantId)).toEqual([]);
  const lost = { ...reversal, account: 'ACC-9', control: 'ICN-9' };
  const { body } = await take(tenantId, { amount: '-395', trace: 'E3', claims: [lost] });
  expect(body.exceptions).toMatchObject([{ type: 'reversal_without_original' }]);
  const [entry] = await recon.booked(tenantId, 3);
  expect(inShort(entry!)).toEqual(['1130 0.00 395.00', '2110 395.00 0.00']);
});

it('that has no money in time is asked about, until the money comes', async () => {
  const tenantId = newId();
  const { body } = await take(tenantId, { ...said, paidOn: '20260105', trace: 'LATE1' });
  const worker = recon.service.app.get(TellOverdueWorker);
  await eventually(async () => {
    worker.kick();
    return (await exceptionsOf(tenantId)).includes('era_without_eft open');
  });
  const fields = [':20:S', ':25:8', ':28C:1/1', ':60F:C260101USD0,', ':61:2601150115C392,05NTRFNONREF//B1'];
  const text = ':86:TRN*1*LATE1*1512345678~';
  await upload(tenantId, '/bank-statements', [...fields, text, ':62F:C260115USD392,05', '-', ''].join('\r\n'));
  await eventually(async () => (await exceptionsOf(tenantId)).includes('era_without_eft auto_closed'));
  expect(body.remittances[0].state).toBe('received');
});

it('is taken back by its mirror, and cannot be posted again', async () => {
  const tenantId = newId();
  const { body } = await take(tenantId, said);
  await recon.booked(tenantId, 1);
  const path = `/remittances/${body.remittances[0].id}`;
  expect((await call(tenantId, 'POST', `${path}/void`, {})).body.errors[0].pointer).toBe('/reason');
  await call(tenantId, 'POST', `${path}/void`, { reason: 'Wrong clinic' });
  const [mirror] = await recon.booked(tenantId, 2);
  expect([mirror!.kind, mirror!.reverses !== undefined]).toEqual(['remittance_voided', true]);
  expect((await call(tenantId, 'POST', `${path}/post`, { reason: 'x' })).body.code).toBe('invalid_transition');
});

it.each([
  ['cut off', remittanceText(said).slice(0, 500), 'file_truncated'],
  ['something else', 'ISA that is none', 'file_unreadable'],
])('%s leaves nothing that is booked', async (_what, content, code) => {
  const tenantId = newId();
  const { body } = await upload(tenantId, '/remittances', content);
  const found = body.code ?? body.exceptions.map(({ type }: any) => type);
  expect([found].flat()).toContain(code);
  expect(await recon.entries(tenantId)).toEqual([]);
});
