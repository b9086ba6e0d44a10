import fc from 'fast-check';
import { newId } from '@quittance/service-kit/id';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { account, chargeOf, followUpOf } from './provider.contract.ts';
import { operations } from './provider.ts';
import type { ChargeRequest, Operation, PaymentProvider } from './provider.ts';

type Behaviour =
  | ('approved' | 'declined' | 'declinedForGood' | 'pending' | 'asksCustomer')
  | ('silentApproved' | 'silentDeclined' | 'notProcessed');

export interface ProviderWithBooks {
  /** An adapter with a deadline of about `timeoutMs`. */
  connect(timeoutMs: number): PaymentProvider;
  /** A token for each behaviour that a provider can be made to show. */
  readonly tokens: Readonly<Record<Behaviour, string>>;
}

/** What every adapter owes to the service when the other end remembers what it did: one effect for each key. */
export function describeTheBooks(name: string, start: () => Promise<ProviderWithBooks>): void {
  describe(`${name} keeping books`, () => {
    let subject: ProviderWithBooks;
    let provider: PaymentProvider;

    beforeAll(async () => {
      subject = await start();
      provider = subject.connect(2_000);
    });
    afterAll(() => provider.close());

    const lookup = (operation: Operation, { key, chargeRef = null }: { key: string; chargeRef?: string | null }) =>
      provider.lookup({ operation, key, chargeRef, tenantId: account, businessOn: null });
    const refOf = (outcome: ProviderOutcome) => ('ref' in outcome && outcome.ref !== null ? outcome.ref : outcome.kind);
    const charged = async (rest: Partial<ChargeRequest> = {}) =>
      refOf(await provider.charge(chargeOf(subject.tokens.approved, rest)));
    const approvedFor = (amountMinor: bigint, currency = 'USD') =>
      ({ kind: 'approved', ref: expect.any(String) as string, amountMinor, currency }) as const;

    describeTokens(() => ({ provider, tokens: subject.tokens }));

    describe('a charge', () => {
      it('is confirmed with the amount that was charged', async () => {
        const asked = chargeOf(subject.tokens.approved, { amountMinor: 9_007_199_254_740_991n, currency: 'JPY' });
        expect(await provider.charge(asked)).toEqual(approvedFor(asked.amountMinor, 'JPY'));
      });

      it('is made once for a key, however often and however parallel it is sent', async () => {
        const asked = chargeOf(subject.tokens.approved);
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => provider.charge(asked)));
        expect(new Set(outcomes.map(refOf)).size).toBe(1);
        expect(await lookup('charge', asked)).toEqual(outcomes[0]);
      });

      it('that is refused is so for a reason that may change, or for good, and stays so', async () => {
        const asked = chargeOf(subject.tokens.declined);
        const soft = await provider.charge(asked);
        expect(soft).toMatchObject({ kind: 'declined', category: 'soft', code: 'insufficient_funds' });
        expect(await lookup('charge', asked)).toEqual(soft);
        const hard = await provider.charge(chargeOf(subject.tokens.declinedForGood));
        expect(hard).toMatchObject({ kind: 'declined', category: 'hard', code: 'stolen_card' });
      });

      it('that the bank takes days for is pending', async () => {
        const asked = chargeOf(subject.tokens.pending);
        const said = await provider.charge(asked);
        expect(said).toEqual({ kind: 'pending', ref: expect.any(String) });
        expect(await lookup('charge', asked)).toEqual(said);
      });

      it('that the customer has to confirm says where', async () => {
        const asked = chargeOf(subject.tokens.asksCustomer);
        const said = await provider.charge(asked);
        expect(said).toMatchObject({ kind: 'requires_action', url: expect.stringMatching(/^https?:/) });
        expect(await lookup('charge', asked)).toEqual(said);
      });

      it('that was never answered is known to a lookup', async () => {
        const impatient = subject.connect(200);
        const asked = [chargeOf(subject.tokens.silentApproved), chargeOf(subject.tokens.silentDeclined)] as const;
        const answers = await Promise.all(asked.map((each) => impatient.charge(each)));
        expect(answers.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
        expect(await lookup('charge', asked[0])).toEqual(approvedFor(2567n));
        expect(await lookup('charge', asked[1])).toMatchObject({ kind: 'declined' });
        await impatient.close();
      });

      it('that was never processed is told from one that nobody knows', async () => {
        const asked = chargeOf(subject.tokens.notProcessed);
        expect(await provider.charge(asked)).toMatchObject({ kind: 'never_reached' });
        expect(await lookup('charge', asked)).toEqual({ kind: 'never_seen' });
      });
    });

    it.each(operations)('says so when it has never seen the key of a %s', async (operation) => {
      expect(await lookup(operation, { key: newId() })).toEqual({ kind: 'never_seen' });
    });

    describe('an amount that is held', () => {
      const held = async () => {
        const said = await provider.charge(chargeOf(subject.tokens.approved, { capture: false }));
        expect(said).toMatchObject({ kind: 'authorised', amountMinor: 2567n, currency: 'USD' });
        return refOf(said);
      };

      it('is captured once, and cannot be given up any more', async () => {
        const chargeRef = await held();
        const asked = followUpOf(chargeRef);
        const said = await provider.capture(asked);
        expect(said).toEqual({ ...approvedFor(2567n), ref: chargeRef });
        expect(await provider.capture(asked)).toEqual(said);
        expect(await lookup('capture', asked)).toEqual(said);
        expect(await provider.capture(followUpOf(chargeRef))).toMatchObject({ kind: 'declined' });
        expect(await provider.void(followUpOf(chargeRef))).toMatchObject({ kind: 'declined' });
      });

      it('is captured in part, and never beyond what is held', async () => {
        const chargeRef = await held();
        const more = followUpOf(chargeRef, { amountMinor: 2568n });
        expect(await provider.capture(more)).toMatchObject({ kind: 'declined' });
        expect(await provider.capture(followUpOf(chargeRef, { amountMinor: 1000n }))).toEqual(approvedFor(1000n));
        expect(await provider.refund(followUpOf(chargeRef, { amountMinor: 1001n }))).toMatchObject({
          kind: 'declined',
        });
      });

      it('is given up once, and cannot be captured any more', async () => {
        const chargeRef = await held();
        const asked = followUpOf(chargeRef);
        const said = await provider.void(asked);
        expect(said).toEqual({ kind: 'voided', ref: chargeRef });
        expect(await provider.void(asked)).toEqual(said);
        expect(await lookup('void', asked)).toEqual(said);
        expect(await provider.capture(followUpOf(chargeRef))).toMatchObject({ kind: 'declined' });
      });

      it('is not there to give back', async () => {
        expect(await provider.refund(followUpOf(await held()))).toMatchObject({ kind: 'declined' });
      });
    });

    describe('a refund', () => {
      it('is made once for a key', async () => {
        const asked = followUpOf(await charged(), { amountMinor: 1000n });
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => provider.refund(asked)));
        expect(outcomes[0]).toEqual(approvedFor(1000n));
        expect(new Set(outcomes.map(refOf)).size).toBe(1);
        expect(await lookup('refund', asked)).toEqual(outcomes[0]);
      });

      it('of one of two that do not both fit is refused, in 20 parallel runs', async () => {
        const sixty = { amountMinor: 6000n };
        const runs = await Promise.all(
          Array.from({ length: 20 }, async () => {
            const chargeRef = await charged({ amountMinor: 10_000n });
            const both = [followUpOf(chargeRef, sixty), followUpOf(chargeRef, sixty)];
            const said = await Promise.all(both.map((each) => provider.refund(each)));
            return said.map(({ kind }) => kind).sort();
          }),
        );
        expect(runs).toEqual(Array.from({ length: 20 }, () => ['approved', 'declined']));
      });

      it('never adds up to more than was captured, whatever is asked for and repeated', async () => {
        const asks = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 700 }), key: fc.nat(5) }), {
          maxLength: 12,
        });
        await fc.assert(
          fc.asyncProperty(asks, async (refunds) => {
            const chargeRef = await charged({ amountMinor: 1000n });
            const given = new Map<string, bigint>();
            for (const { amount, key } of refunds) {
              const asked = followUpOf(chargeRef, { key: `${chargeRef} ${key}`, amountMinor: BigInt(amount) });
              const said = await provider.refund(asked);
              if (said.kind === 'approved') given.set(said.ref, said.amountMinor);
            }
            const total = [...given.values()].reduce((sum, each) => sum + each, 0n);
            expect(total).toBeLessThanOrEqual(1000n);
          }),
          { numRuns: 40 },
        );
      });

      it('of what was never charged is refused', async () => {
        expect(await provider.refund(followUpOf('nothing'))).toMatchObject({ kind: 'declined' });
      });
    });
  });
}

function describeTokens(subject: () => { provider: PaymentProvider; tokens: ProviderWithBooks['tokens'] }): void {
  describe('a token', () => {
    it('is described with no more than helps to recognise the instrument', async () => {
      const { provider, tokens } = subject();
      expect(await provider.describe(tokens.approved)).toEqual({
        kind: 'instrument',
        instrument: {
          ...{ type: 'card', brand: 'visa', currency: null, mandate: null },
          last4: expect.stringMatching(/^\d{4}$/),
          expiresOn: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
          fingerprint: expect.any(String),
        },
      });
    });

    it('of a bank account comes with the mandate to debit it', async () => {
      const { provider, tokens } = subject();
      const mandate = { id: expect.any(String), scheme: 'ach', state: 'active', signedAt: expect.any(String) };
      const instrument = expect.objectContaining({ type: 'ach', currency: 'USD', mandate });
      expect(await provider.describe(tokens.pending)).toEqual({ kind: 'instrument', instrument });
    });

    it('that it does not know is called so', async () => {
      expect(await subject().provider.describe('tok_nobody')).toEqual({ kind: 'unknown_token' });
    });
  });
}
