import { eventually } from '@quittance/testing/eventually';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { startSandbox } from '../testing/harness.itest.ts';
import { GuardedProvider } from './guarded.provider.ts';
import { account, chargeOf, followUpOf } from './provider.contract.ts';
import { ProviderUnavailable } from './provider.ts';
import { SandboxProvider } from './sandbox.provider.ts';

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let provider: GuardedProvider;
beforeEach(async () => {
  sandbox = await startSandbox();
  provider = guarded(60_000);
});
afterEach(async () => {
  await provider.close();
  await sandbox.stop();
});

const guarded = (resetMs: number) =>
  new GuardedProvider(new SandboxProvider({ url: sandbox.url, timeoutMs: 200 }), { failures: 3, resetMs });
const charge = async (token: string) => {
  const said = await provider.charge(chargeOf(token));
  return 'reason' in said ? `${said.kind}: ${said.reason}` : said.kind;
};
const question = { key: 'k', operation: 'charge', chargeRef: null, tenantId: account, businessOn: null } as const;
const isOpen = async () => {
  const gauge = await metrics.registry.getSingleMetric('payments_provider_circuit_open')?.get();
  return gauge?.values.find(({ labels }) => labels['provider'] === 'sandbox')?.value;
};

it('leaves a provider alone that was not reached three times in a row', async () => {
  await sandbox.goDown();
  const said = [await charge('tok_visa'), await charge('tok_visa'), await charge('tok_visa'), await charge('tok_visa')];
  const refused = 'never_reached: ECONNREFUSED';
  expect(said).toEqual([refused, refused, refused, 'never_reached: circuit open']);
  expect(await isOpen()).toBe(1);
  expect(provider.isAvailable).toBe(false);
});

it('answers what is true then: nothing was sent, and what was sent before is not known', async () => {
  await sandbox.goDown();
  for (let i = 0; i < 3; i += 1) await charge('tok_visa');
  await sandbox.comeBack();
  const open = { kind: 'never_reached', reason: 'circuit open' };
  expect(await provider.capture(followUpOf('c'))).toEqual(open);
  expect(await provider.void(followUpOf('c'))).toEqual(open);
  expect(await provider.refund(followUpOf('c'))).toEqual(open);
  expect(await provider.lookup(question)).toEqual({ kind: 'unknown', reason: 'circuit open' });
  await expect(provider.describe('tok_visa')).rejects.toBeInstanceOf(ProviderUnavailable);
  const day = { tenantId: account, businessOn: '2025-01-15' };
  await expect(provider.reachDay(day)).rejects.toBeInstanceOf(ProviderUnavailable);
});

it('counts failures of every operation, and forgets them when somebody answers', async () => {
  await sandbox.goDown();
  await provider.lookup(question);
  await provider.describe('tok_visa').catch(() => undefined);
  await sandbox.comeBack();
  expect(await charge('tok_visa')).toBe('approved');
  await sandbox.goDown();
  await provider.lookup(question);
  await charge('tok_visa');
  await sandbox.comeBack();
  expect(await charge('tok_visa')).toBe('approved');
});

it('never counts a no, a not now and silence', async () => {
  const tokens = ['tok_declined_stolen', 'tok_error_before', 'tok_timeout_approved'];
  for (const token of tokens) for (let i = 0; i < 4; i += 1) await charge(token);
  expect(await charge('tok_visa')).toBe('approved');
  expect(await isOpen()).toBe(0);
});

it('tries it again after its rest, and trusts it once it answers', async () => {
  await provider.close();
  provider = guarded(20);
  await sandbox.goDown();
  for (let i = 0; i < 3; i += 1) await charge('tok_visa');
  await sandbox.comeBack();
  await eventually(() => provider.isAvailable);
  await eventually(async () => (await charge('tok_visa')) === 'approved');
  expect(await isOpen()).toBe(0);
});

it('lets one call try, while the others do not wait for it', async () => {
  await provider.close();
  provider = guarded(1);
  await sandbox.goDown();
  for (let i = 0; i < 3; i += 1) await charge('tok_visa');
  await sandbox.comeBack();
  // Before its rest is over both would be refused, and the second one might try it in the place of the first.
  await eventually(() => provider.isAvailable);
  const said = await Promise.all([charge('tok_timeout_approved'), charge('tok_visa')]);
  expect(said).toEqual(['unknown: timeout', 'never_reached: circuit open']);
});
