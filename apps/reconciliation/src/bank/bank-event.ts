import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { AccountLine, Deposit } from '../domain/deposit.ts';
import { payoutReferenceOf } from '../domain/line-reference.ts';
import type { IncomingFile } from '../files/format-reader.ts';

/** Ids, amounts and dates: what the bank wrote beside them names people. */
function dataOf(line: AccountLine) {
  const { id, accountId, statementId, amount, currency, bookedOn, valueOn } = line;
  const payoutReference = payoutReferenceOf(line);
  return {
    ...{ depositId: id, accountId, statementId, amount: toWire({ minor: amount, currency }), bookedOn },
    ...(valueOn === null ? {} : { valueOn }),
    ...(payoutReference === null ? {} : { payoutReference }),
  };
}

export function depositReceived(line: AccountLine, time: Date): NewEvent<'deposit.received'> {
  const { tenantId, id } = line;
  return { type: 'deposit.received', tenantId, subject: id, sequence: 1, data: dataOf(line), time };
}

export function depositIdentified(deposit: Deposit, time: Date): NewEvent<'deposit.identified'> {
  const { tenantId, id, policyLocator, version } = deposit;
  const data = { ...dataOf(deposit), ...(policyLocator === null ? {} : { policyLocator }) };
  return { type: 'deposit.identified', tenantId, subject: id, sequence: version, data, time };
}

export function depositMatched(
  deposit: Deposit,
  { sequence, ...match }: { matchId: string; payments: readonly string[]; sequence: number },
  time: Date,
): NewEvent<'deposit.matched'> {
  const { tenantId, id } = deposit;
  const data = { ...dataOf(deposit), matchId: match.matchId, payments: [...match.payments] };
  return { type: 'deposit.matched', tenantId, subject: id, sequence, data, time };
}

/** A file is read once, so its first event is its last. */
export function fileProcessed(
  { tenantId, id, receivedAt }: IncomingFile,
  done: { format: string; statements: number; lines: number; exceptions: number },
): NewEvent<'bank_file.processed'> {
  const data = { fileId: id, ...done };
  return { type: 'bank_file.processed', tenantId, subject: id, sequence: 1, data, time: receivedAt };
}
