import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, LocalDate, Reference, WireAmount } from './schema.ts';
import { story, usd } from './story.ts';

/** What the bank wrote beside it is read over the API: it names people. */
export const DepositData = Type.Object(
  {
    depositId: Id,
    accountId: Id,
    statementId: Id,
    amount: WireAmount,
    bookedOn: LocalDate,
    valueOn: Type.Optional(LocalDate),
    /** The payout of a processor that its text names. */
    payoutReference: Type.Optional(Reference),
    /** As a person identified it. */
    policyLocator: Type.Optional(Reference),
  },
  { title: 'Deposit' },
);
export type DepositData = Static<typeof DepositData>;

/** Payments are said for a payout of a processor; one of very many is said in several events. */
export const DepositMatchedData = Type.Object(
  { ...DepositData.properties, matchId: Id, payments: Type.Array(Id, { maxItems: 1_000 }) },
  { title: 'DepositMatched' },
);
export type DepositMatchedData = Static<typeof DepositMatchedData>;

export const BankFileData = Type.Object(
  {
    fileId: Id,
    format: Code,
    statements: Type.Integer({ minimum: 0 }),
    /** Those that no file said before. */
    lines: Type.Integer({ minimum: 0 }),
    exceptions: Type.Integer({ minimum: 0 }),
  },
  { title: 'BankFile' },
);
export type BankFileData = Static<typeof BankFileData>;

const deposit = {
  depositId: story.depositId,
  accountId: story.bankAccountId,
  statementId: story.bankStatementId,
  amount: usd(2472),
  bookedOn: '2025-01-03',
};

export const bankEvents = define('RECONCILIATION', 'reconciliation', {
  'bank_file.processed': event('A file of a bank was read, and what is new in it stored.', BankFileData, {
    fileId: story.bankFileId,
    format: 'camt',
    statements: 1,
    lines: 1,
    exceptions: 0,
  }),
  'deposit.received': event('Money came into a bank account, as a statement of the bank says.', DepositData, {
    ...deposit,
    payoutReference: 'po_1QcXe2AbCdEf',
  }),
  'deposit.matched': event('It is known what a deposit is for.', DepositMatchedData, {
    ...deposit,
    payoutReference: 'po_1QcXe2AbCdEf',
    matchId: story.matchId,
    payments: [story.paymentLocator],
  }),
  'deposit.identified': event('A person said whose money a deposit is.', DepositData, {
    ...deposit,
    policyLocator: story.policyLocator,
  }),
});
