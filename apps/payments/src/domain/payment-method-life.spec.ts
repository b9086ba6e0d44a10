import { addMethod, passDay, replaceInstrument, setDefault, withdrawMethod } from './payment-method-life.ts';
import type { Instrument, MethodState, PaymentMethod } from './payment-method.ts';

const now = new Date('2026-01-15T12:00:00.000Z');
const mandate = { id: 'm1', scheme: 'ach', state: 'active', signedAt: '2025-12-01T12:00:00.000Z' } as const;
const visa: Instrument = {
  ...{ type: 'card', brand: 'visa', last4: '4242', expiresOn: '2026-03-31', currency: null },
  ...{ fingerprint: 'f1', mandate },
};
const identity = { tenantId: 't1', id: 'pm1', provider: 'sandbox', token: 'tok_visa', policyholderLocator: 'holder' };
const added = addMethod({ ...identity, ...visa }, now).next;
const inState = (state: MethodState): PaymentMethod => ({ ...added, state });
const states: MethodState[] = ['active', 'expired', 'revoked', 'blocked'];

it('begins active, with its first event', () => {
  expect(addMethod({ ...identity, ...visa }, now)).toMatchObject({
    next: { state: 'active', version: 1, isDefault: false },
    facts: [{ type: 'added', method: { version: 1 } }],
  });
});

describe('withdrawn', () => {
  const table: Record<MethodState, Record<'revoked' | 'blocked', MethodState>> = {
    active: { revoked: 'revoked', blocked: 'blocked' },
    expired: { revoked: 'revoked', blocked: 'blocked' },
    revoked: { revoked: 'revoked', blocked: 'revoked' },
    blocked: { revoked: 'revoked', blocked: 'blocked' },
  };
  const pairs = states.flatMap((from) => (['revoked', 'blocked'] as const).map((to) => [from, to] as const));

  it.each(pairs)('%s, made %s', (from, state) => {
    const { next, facts } = withdrawMethod(inState(from), { state, reason: 'R10' }, now);
    expect(next.state).toBe(table[from][state]);
    expect(facts.map(({ type, reason }) => [type, reason])).toEqual(next.state === from ? [] : [['revoked', 'R10']]);
  });

  it('takes the mandate and the default away with it', () => {
    const { next } = withdrawMethod({ ...added, isDefault: true }, { state: 'revoked', reason: 'customer' }, now);
    expect(next).toMatchObject({ isDefault: false, mandate: { id: 'm1', state: 'revoked' } });
    const blocked = withdrawMethod({ ...added, isDefault: true }, { state: 'blocked', reason: 'R03' }, now).next;
    expect(blocked).toMatchObject({ isDefault: false, mandate });
  });
});

describe('a replaced card', () => {
  const replacement = { ...visa, last4: '1881', expiresOn: '2029-12-31' };

  it.each(states)('is told once, and revives no method that was withdrawn: %s', (state) => {
    const { next, facts } = replaceInstrument(inState(state), replacement, now);
    const isWithdrawn = state === 'revoked' || state === 'blocked';
    expect(next).toEqual(
      isWithdrawn ? inState(state) : expect.objectContaining({ ...replacement, state: 'active', version: 2 }),
    );
    expect(facts).toHaveLength(isWithdrawn ? 0 : 1);
    expect(replaceInstrument(next, replacement, now).facts).toEqual([]);
  });
});

it('is the default, or not, and says so when that changes', () => {
  const chosen = setDefault(added, true, now);
  expect(chosen).toMatchObject({ next: { isDefault: true }, facts: [{ type: 'updated' }] });
  expect(setDefault(chosen.next, true, now).facts).toEqual([]);
  expect(setDefault(chosen.next, false, now)).toMatchObject({
    next: { isDefault: false },
    facts: [{ type: 'updated' }],
  });
});

describe('as days pass', () => {
  const on = (today: string, method = added) =>
    passDay(method, { today, warnFrom: new Date(Date.parse(today) + 30 * 86_400_000).toISOString().slice(0, 10) }, now);

  it('warns once, 30 days before the last day', () => {
    expect(on('2026-02-28').facts).toEqual([]);
    const warned = on('2026-03-01');
    expect(warned.facts.map(({ type }) => type)).toEqual(['expiring']);
    expect(on('2026-03-02', warned.next).facts).toEqual([]);
    const extended = replaceInstrument(warned.next, { ...visa, expiresOn: '2026-04-30' }, now).next;
    expect(on('2026-04-01', extended).facts.map(({ type }) => type)).toEqual(['expiring']);
  });

  it('expires after the last day, not on it', () => {
    expect(on('2026-03-31', { ...added, expiryToldFor: '2026-03-31' }).facts).toEqual([]);
    expect(on('2026-04-01')).toMatchObject({ next: { state: 'expired' }, facts: [{ type: 'updated' }] });
  });

  it.each(['expired', 'revoked', 'blocked'] as const)('leaves one alone that is %s', (state) => {
    expect(on('2027-01-01', inState(state)).facts).toEqual([]);
  });

  it('leaves one alone that never expires', () => {
    expect(on('2027-01-01', { ...added, expiresOn: null }).facts).toEqual([]);
  });
});
