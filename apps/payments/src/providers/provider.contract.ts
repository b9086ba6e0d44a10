import { newId } from '@quittance/service-kit/id';
import type { ProviderNotification } from './notification.ts';
import { NotificationRefused, ProviderUnavailable, operations } from './provider.ts';
import type { ChargeRequest, FollowUpRequest, NotificationRequest, PaymentProvider } from './provider.ts';

/** A notification as the provider sends it, and what can be wrong with it. */
export interface Signing {
  readonly body: string;
  /** With the secret that the adapter knows, or with another one. */
  sign(body: string, options?: { at?: Date; secret?: string }): NotificationRequest['headers'];
  /** What the body says. */
  readonly means: Partial<ProviderNotification>;
  readonly otherSecret: string;
}

export interface ProviderOnTheLine {
  /** An adapter to an address where nobody listens. */
  connectToNobody(): PaymentProvider;
  readonly token: string;
  readonly signing: Signing;
}

export const account = newId();

export function chargeOf(token: string, rest: Partial<ChargeRequest> = {}): ChargeRequest {
  const key = newId();
  const about = { tenantId: account, businessOn: null, capture: true, amountMinor: 2567n, currency: 'USD' };
  return { ...about, key, token, subject: key, ...rest };
}

export function followUpOf(chargeRef: string, rest: Partial<FollowUpRequest> = {}): FollowUpRequest {
  const about = { tenantId: account, businessOn: null, amountMinor: 2567n, currency: 'USD' };
  return { ...about, key: newId(), chargeRef, ...rest };
}

/** What every adapter owes to the service whoever is at the other end: no exception, no guess, no forged word. */
export function describeTheLine(name: string, start: () => Promise<ProviderOnTheLine>): void {
  describe(`${name} on the line`, () => {
    let subject: ProviderOnTheLine;
    let provider: PaymentProvider;

    beforeAll(async () => {
      subject = await start();
      provider = subject.connectToNobody();
    });
    afterAll(() => provider.close());

    it('never throws when nobody is there: nothing was sent, whatever was asked for', async () => {
      const outcomes = await Promise.all([
        provider.charge(chargeOf(subject.token)),
        provider.charge(chargeOf(subject.token, { capture: false })),
        provider.capture(followUpOf('pi_123')),
        provider.void(followUpOf('pi_123')),
        provider.refund(followUpOf('pi_123')),
      ]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'never_reached'));
    });

    // Not being reached now says nothing about what an earlier sending did.
    it.each(operations)('does not know what became of a %s that it could not ask for', async (operation) => {
      const chargeRef = operation === 'charge' ? null : 'pi_123';
      const question = { key: newId(), operation, chargeRef, tenantId: account, businessOn: null };
      expect(await provider.lookup(question)).toMatchObject({ kind: 'unknown' });
    });

    it('throws only where nothing can be pending', async () => {
      await expect(provider.describe(subject.token)).rejects.toBeInstanceOf(ProviderUnavailable);
    });

    describe('hearing a notification', () => {
      const hear = (body: string, headers: NotificationRequest['headers']) =>
        provider.notifications({ body: Buffer.from(body), headers });

      it('reads what is signed', () => {
        const { signing } = subject;
        expect(hear(signing.body, signing.sign(signing.body))).toEqual([expect.objectContaining(signing.means)]);
      });

      it.each([
        ['a changed body', ({ body, sign }: Signing) => [`${body} `, sign(body)] as const],
        [
          'another secret',
          ({ body, sign, otherSecret }: Signing) => [body, sign(body, { secret: otherSecret })] as const,
        ],
        ['an old signature', ({ body, sign }: Signing) => [body, sign(body, { at: minutesFromNow(-6) })] as const],
        ['no signature', ({ body }: Signing) => [body, {}] as const],
        ['a body that says nothing', ({ sign }: Signing) => ['"?"', sign('"?"')] as const],
      ])('refuses %s', (_what, forge) => {
        const [body, headers] = forge(subject.signing);
        expect(() => hear(body, headers)).toThrow(NotificationRefused);
      });
    });
  });
}

const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);
