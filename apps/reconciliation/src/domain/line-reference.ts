import { noReferences } from './bank-statement.ts';
import type { BankLine, References } from './bank-statement.ts';

/**
 * Which reference of a line is believed first. What the payer wrote for the payee comes before what he wrote for
 * himself, and that before what the bank made up. A bank that needs another order gets a row of its own.
 */
const trustOrder: readonly (keyof References)[] = ['endToEnd', 'creditor', 'check', 'customer', 'batch', 'bank'];

/** What banks write where there is no reference. */
const absent = new Set(['NOTPROVIDED', 'NONREF', 'NULL', 'UNSTRUCTURED', 'NOREF', 'NONE', 'NA']);

/** A reference as it stands, or null for the words that mean none. */
export function present(text: string | null | undefined): string | null {
  const plain = (text ?? '').trim();
  const word = plain.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return word === '' || /^0+$/.test(word) || absent.has(word) ? null : plain.slice(0, 140);
}

export function bestReference(references: References): string | null {
  const kind = trustOrder.find((each) => references[each] !== null);
  return kind === undefined ? null : references[kind];
}

/** Of a line with its text: references by kind, those that mean none left out. */
export function referencesOf(found: Partial<Record<keyof References, string | null | undefined>>): References {
  const kept = Object.entries(found).map(([kind, text]) => [kind, present(text)]);
  return { ...noReferences, ...(Object.fromEntries(kept) as Partial<References>) };
}

/** `TRN*1*<trn02>*<trn03>` as a CCD+ addendum or a bank's text carries it. Line breaks of the bank may cut it. */
export function traceOf(text: string): Pick<BankLine, 'trn02' | 'trn03'> {
  const flat = text.replace(/[\r\n]+/g, '');
  const found = /TRN\*1\*([^*~\\\s]{1,50})\*([^*~\\\s]{10})/.exec(flat);
  return { trn02: found?.[1] ?? null, trn03: found?.[2] ?? null };
}

/** How processors name a payout in the text of its deposit. */
const payoutNames: readonly RegExp[] = [
  /\b(po_[A-Za-z0-9]{6,64})\b/,
  /\bpayout[ :#-]{1,3}(?=[A-Za-z_-]{0,20}\d)([A-Za-z0-9_-]{6,64})\b/i,
];

/** The payout that a line is of, where its text or a reference names one. */
export function payoutReferenceOf({ text, references }: Pick<BankLine, 'text' | 'references'>): string | null {
  const texts = [references.endToEnd, references.customer, references.creditor, text];
  for (const name of payoutNames) {
    for (const each of texts) {
      const found = name.exec(each ?? '');
      if (found) return found[1]!;
    }
  }
  return null;
}

/** BAI2 and ISO 20022 families of what a bank charges for itself. */
export function isBankFee({ typeCode }: Pick<BankLine, 'typeCode'>): boolean {
  return typeCode !== null && (feeTypes.has(typeCode) || /\/(CHRG|FEES|COMM)$/.test(typeCode));
}

const feeTypes = new Set(['698', '661', '662', '663', '664', '666', 'NCHG', 'FCHG', 'SRVCHG', 'FEE']);
