import { codeRule } from '../domain/ach-return.ts';
import type { ReturnFamily, ReturnKind } from '../domain/ach-return.ts';
import type { NachaBatch, NachaFile } from '../nacha/nacha-file.ts';

/** A return, an answer to one, or a change of account data, as it is kept. */
export interface ReturnItem {
  readonly tenantId: string;
  readonly id: string;
  readonly fileId: string;
  readonly kind: ReturnKind;
  readonly code: string;
  readonly family: ReturnFamily;
  readonly originalTrace: string;
  readonly returnTrace: string | null;
  readonly returnCode: string | null;
  /** Which way the original entry went: a debit collected money, a credit paid it out. */
  readonly direction: 'debit' | 'credit';
  readonly amount: bigint;
  readonly currency: string;
  readonly effectiveOn: string;
  /** The originator's number of it, to find the payment by; never kept. */
  readonly identification?: string | null;
}

export interface FoundReturn extends ReturnItem {
  readonly paymentLocator: string | null;
}

export interface ReturnContext {
  readonly tenantId: string;
  readonly fileId: string;
  readonly now: Date;
}

/** Every addendum 98 and 99 of a file; one entry may carry a return and what was answered to it. */
export function returnsOf(file: NachaFile, of: ReturnContext, nextId: () => string): ReturnItem[] {
  const receivedOn = file.createdOn ?? of.now.toISOString().slice(0, 10);
  return file.batches.flatMap((batch) => returnsOfBatch(batch, { ...of, receivedOn }, nextId));
}

function returnsOfBatch(
  { header, entries }: NachaBatch,
  { tenantId, fileId, receivedOn }: ReturnContext & { receivedOn: string },
  nextId: () => string,
): ReturnItem[] {
  const effectiveOn = header?.effectiveOn ?? receivedOn;
  return entries.flatMap(({ addenda, direction, amount, identification }) =>
    addenda.flatMap((addendum): ReturnItem[] => {
      if (addendum.type === '05') return [];
      const { code, originalTrace } = addendum;
      const { kind, family } = codeRule(code);
      const answer = addendum.type === '99' ? addendum : { returnTrace: null, returnCode: null };
      return [
        {
          ...{ tenantId, id: nextId(), fileId, kind, code, family, originalTrace, direction, amount, currency: 'USD' },
          ...{ returnTrace: answer.returnTrace, returnCode: answer.returnCode, effectiveOn, identification },
        },
      ];
    }),
  );
}
