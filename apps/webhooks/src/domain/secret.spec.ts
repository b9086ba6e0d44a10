import fc from 'fast-check';
import { isLive, isOver, removeSecret, rotate, secretsMax, signingAt, signsAlways } from './secret.ts';
import type { SecretKind, Validity } from './secret.ts';

const second = 1000;
const day = 86_400 * second;
const now = new Date('2026-03-01T12:00:00.000Z');
const at = (ms: number) => new Date(now.getTime() + ms);

interface Named extends Validity {
  readonly name: string;
  readonly kind: SecretKind;
}
const secret = (name: string, over: Partial<Named> = {}): Named => ({
  ...{ name, kind: 'hmac', notBefore: at(-day), expiresAt: null },
  ...over,
});
const names = (secrets: readonly Named[]) => secrets.map(({ name }) => name);

describe('validity: notBefore <= now < expiresAt', () => {
  it.each([
    ['before it begins', 1, null, false, false],
    ['as it begins', 0, null, true, false],
    ['a millisecond before its end', -day, 1, true, false],
    ['at its end', -day, 0, false, true],
    ['with an end before its beginning', day, day / 2, false, true],
  ] as const)('%s', (_when, from, until, live, over) => {
    const validity = { notBefore: at(from), expiresAt: until === null ? null : at(until) };
    expect([isLive(validity, now), isOver(validity, now)]).toEqual([live, over]);
  });

  it('all that are live sign, in their order', () => {
    const secrets = [secret('new'), secret('to come', { notBefore: at(1) }), secret('old', { expiresAt: at(1) })];
    expect(names(signingAt(secrets, now))).toEqual(['new', 'old']);
    expect(names(signingAt(secrets, at(1)))).toEqual(['new', 'to come']);
  });

  it('on a machine whose clock is behind, the one that comes first signs: never nothing', () => {
    const secrets = [secret('later', { notBefore: at(2) }), secret('sooner', { notBefore: at(1) })];
    expect(names(signingAt(secrets, now))).toEqual(['sooner']);
    expect(signingAt([secret('over', { expiresAt: now })], now)).toEqual([]);
  });
});

describe('rotate', () => {
  const rotation = { kind: 'hmac', notBefore: now, overlapSeconds: 3600 } as const;
  const ends = (secrets: readonly Named[]) =>
    secrets.map(({ name, expiresAt }) => [name, (expiresAt?.getTime() ?? NaN) - now.getTime()]);

  it('ends the older ones of its kind an overlap after the new one has begun, and leaves the other kind alone', () => {
    const secrets = [secret('b'), secret('a', { expiresAt: at(day) }), secret('other', { kind: 'ed25519' })];
    expect(ends(rotate(secrets, rotation, now))).toEqual([
      ['b', 3600 * second],
      ['a', 3600 * second],
    ]);
    const later = { ...rotation, notBefore: at(day) };
    expect(ends(rotate([secret('a')], later, now))).toEqual([['a', day + 3600 * second]]);
  });

  it('never lets one live longer than it would have', () => {
    expect(rotate([secret('a', { expiresAt: at(second) })], rotation, now)).toEqual([]);
  });

  it('counts what signs or is to come, of both kinds: five, and not a sixth', () => {
    const four = Array.from({ length: secretsMax - 1 }, (_, n) => secret(`${n}`, { kind: n % 2 ? 'hmac' : 'ed25519' }));
    expect(() => rotate(four, rotation, now)).not.toThrow();
    const five = [...four, secret('fifth', { notBefore: at(1) })];
    expect(() => rotate(five, rotation, now)).toThrow(expect.objectContaining({ code: 'too_many_secrets' }));
  });

  it('without an overlap the older ones leave room at once: a leak can always be answered', () => {
    const five = Array.from({ length: secretsMax }, (_, n) => secret(`${n}`));
    expect(rotate(five, { ...rotation, overlapSeconds: 0 }, now)).toHaveLength(secretsMax);
  });

  it.each([-1, 366 * day + 1])('refuses a secret that begins in %d ms', (ms) => {
    expect(() => rotate([secret('a')], { ...rotation, notBefore: at(ms) }, now)).toThrow(
      expect.objectContaining({
        code: 'activation_not_valid',
        context: { errors: [expect.objectContaining({ pointer: '/notBefore' })] },
      }),
    );
  });
});

describe('removeSecret', () => {
  const refused = expect.objectContaining({ code: 'last_secret' });

  it('refuses the last one, also the last that outlives the others', () => {
    const [only, old] = [secret('only'), secret('old', { expiresAt: at(day) })];
    expect(() => removeSecret([only], only, now)).toThrow(refused);
    expect(() => removeSecret([only, old], only, now)).toThrow(refused);
    expect(removeSecret([only, old], old, now)).toBeNull();
  });

  it('refuses the live one where the other has not begun', () => {
    const [live, next] = [secret('live', { expiresAt: at(day) }), secret('next', { notBefore: at(second) })];
    expect(() => removeSecret([next, live], live, now)).toThrow(refused);
  });

  it('takes a rotation back that has not begun: the one before it signs on without end', () => {
    const [next, live] = [secret('next', { notBefore: at(second) }), secret('live', { expiresAt: at(day) })];
    expect(removeSecret([next, live], next, now)).toEqual({ ...live, expiresAt: null });
  });
});

it('whatever is rotated and removed, at no time does nothing sign', () => {
  const step = fc.record({
    remove: fc.option(fc.nat({ max: 4 }), { nil: null }),
    kind: fc.constantFrom<SecretKind>('hmac', 'ed25519'),
    aheadMs: fc.nat({ max: 3 * day }),
    overlapSeconds: fc.nat({ max: 7 * 86_400 }),
    passMs: fc.nat({ max: 2 * day }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let secrets = [secret('0')];
      let time = now.getTime();
      for (const [n, { remove, kind, aheadMs, overlapSeconds, passMs }] of steps.entries()) {
        time += passMs;
        const today = new Date(time);
        secrets = secrets.filter((each) => !isOver(each, today));
        secrets = remove === null ? rotated(n + 1) : removed(remove);
        expect(secrets.filter((each) => !isOver(each, today)).length).toBeLessThanOrEqual(secretsMax);
        expect(signsAlways(secrets, today)).toBe(true);
        expect(secrets.some((each) => isLive(each, today))).toBe(true);

        function rotated(name: number): Named[] {
          const notBefore = new Date(time + aheadMs);
          try {
            const ended = new Map(
              rotate(secrets, { kind, notBefore, overlapSeconds }, today).map((each) => [each.name, each]),
            );
            return [secret(`${name}`, { kind, notBefore }), ...secrets.map((each) => ended.get(each.name) ?? each)];
          } catch (error) {
            expect((error as { code?: string }).code).toMatch(/^(too_many_secrets|last_secret)$/);
            return secrets;
          }
        }

        function removed(index: number): Named[] {
          const one = secrets[index % secrets.length]!;
          try {
            const lifted = removeSecret(secrets, one, today);
            const rest = secrets.filter((each) => each !== one);
            return rest.map((each) => (each.name === lifted?.name ? lifted : each));
          } catch (error) {
            expect((error as { code?: string }).code).toMatch(/^(too_many_secrets|last_secret)$/);
            return secrets;
          }
        }
      }
    }),
  );
});
