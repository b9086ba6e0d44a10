import type { ProviderOutcome } from '../domain/outcome.ts';
import { newId } from '@quittance/service-kit/id';
import { ProviderUnavailable } from './provider.ts';
import type { ChargeRequest, PaymentProvider } from './provider.ts';

export interface ProviderUnderTest {
  /** An adapter with a deadline of about `timeoutMs`. */
  connect(timeoutMs: number): PaymentProvider;
  /** An adapter to an address where nobody listens. */
  connectToNobody(): PaymentProvider;
  /** A token for each behaviour that a provider can be made to show. */
  readonly tokens: Readonly<
    Record<'approved' | 'declined' | 'declinedForGood' | 'silentApproved' | 'silentDeclined' | 'notProcessed', string>
  >;
}

/** What every adapter owes to the service, whoever is at the other end. */
export function describeProvider(name: string, start: () => Promise<ProviderUnderTest>): void {
  describe(`${name} as a payment provider`, () => {
    let subject: ProviderUnderTest;
    let provider: PaymentProvider;

    beforeAll(async () => {
      subject = await start();
      provider = subject.connect(2_000);
    });
    afterAll(() => provider.close());

    const request = (token: string, rest: Partial<ChargeRequest> = {}): ChargeRequest => {
      const key = newId();
      return { key, token, amountMinor: 2567n, currency: 'USD', subject: key, ...rest };
    };
    const approvedFor = ({ amountMinor, currency }: ChargeRequest): ProviderOutcome =>
      ({ kind: 'approved', ref: expect.any(String) as string, amountMinor, currency }) as const;

    it('describes a token that it knows, with no more than helps to recognise it', async () => {
      const description = await provider.describe(subject.tokens.approved);
      if (description.kind !== 'instrument') throw new Error(`it said ${description.kind}`);
      expect(description.instrument.last4).toMatch(/^\d{4}$/);
      expect(description.instrument.expiresOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    });

    it('says that it does not know a token', async () => {
      expect(await provider.describe('tok_nobody')).toEqual({ kind: 'unknown_token' });
    });

    it('confirms the amount that it charged', async () => {
      const asked = request(subject.tokens.approved, { amountMinor: 9_007_199_254_740_991n, currency: 'JPY' });
      expect(await provider.charge(asked)).toEqual(approvedFor(asked));
    });

    it('makes one charge of a key, however often and however parallel it is sent', async () => {
      const asked = request(subject.tokens.approved);
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => provider.charge(asked)));
      const refs = outcomes.map((outcome) => (outcome.kind === 'approved' ? outcome.ref : outcome.kind));
      expect(new Set(refs).size).toBe(1);
      expect(await provider.lookup(asked.key)).toEqual(outcomes[0]);
    });

    it('tells a no that may change from one that will not', async () => {
      const soft = await provider.charge(request(subject.tokens.declined));
      expect(soft).toMatchObject({ kind: 'declined', category: 'soft', code: 'insufficient_funds' });
      const hard = await provider.charge(request(subject.tokens.declinedForGood));
      expect(hard).toMatchObject({ kind: 'declined', category: 'hard', code: 'stolen_card' });
    });

    it('remembers a no', async () => {
      const asked = request(subject.tokens.declined);
      const said = await provider.charge(asked);
      expect(await provider.lookup(asked.key)).toEqual(said);
    });

    it('says so when it has never seen a key', async () => {
      expect(await provider.lookup(newId())).toEqual({ kind: 'never_seen' });
    });

    it('knows the outcome of a charge that it never answered', async () => {
      const impatient = subject.connect(200);
      const asked = [request(subject.tokens.silentApproved), request(subject.tokens.silentDeclined)] as const;
      const answers = await Promise.all(asked.map((each) => impatient.charge(each)));
      expect(answers.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
      expect(await provider.lookup(asked[0].key)).toEqual(approvedFor(asked[0]));
      expect(await provider.lookup(asked[1].key)).toMatchObject({ kind: 'declined' });
      await impatient.close();
    });

    it('tells what was never processed from what nobody knows', async () => {
      const asked = request(subject.tokens.notProcessed);
      expect(await provider.charge(asked)).toMatchObject({ kind: 'never_reached' });
      expect(await provider.lookup(asked.key)).toEqual({ kind: 'never_seen' });
    });

    it('never throws for a broken line, except where nothing can be pending', async () => {
      const nobody = subject.connectToNobody();
      expect(await nobody.charge(request(subject.tokens.approved))).toMatchObject({ kind: 'never_reached' });
      // Not being reached now says nothing about what an earlier sending did.
      expect(await nobody.lookup(newId())).toMatchObject({ kind: 'unknown' });
      await expect(nobody.describe(subject.tokens.approved)).rejects.toBeInstanceOf(ProviderUnavailable);
      await nobody.close();
    });
  });
}
