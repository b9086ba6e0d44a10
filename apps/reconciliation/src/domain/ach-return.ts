/**
 * What a return code makes of an entry.
 * `returned` it came back · `dishonoured` our bank refuses the return, so the payment stands · `contested` the other
 * bank insists, so it is returned after all · `enrolment` and `change` move no money
 */
export type ReturnKind = 'returned' | 'dishonoured' | 'contested' | 'enrolment' | 'change';

/** What becomes of the account it came from: ask again, ask nobody again, ask for other details, or nothing. */
export type ReturnFamily = 'retryable' | 'unauthorised' | 'account_unusable' | 'recalled' | 'other';

export interface CodeRule {
  readonly kind: ReturnKind;
  readonly family: ReturnFamily;
  /** Days after settlement within which the bank may still return with it. */
  readonly windowDays: number;
  readonly isKnown: boolean;
}

/** A payment's display id as it fits into the fifteen characters that an ACH entry has for the originator's number. */
export function achIdentification(displayId: string): string | null {
  const plain = displayId
    .toUpperCase()
    .replace(/^P-/, '')
    .replace(/[^A-Z0-9]/g, '');
  return plain === '' || plain.length > 15 ? null : plain;
}

const retryable = ['R01', 'R09'];
const unauthorised = ['R05', 'R07', 'R10', 'R11', 'R29', 'R51'];
const unusable = ['R02', 'R03', 'R04', 'R12', 'R14', 'R15', 'R16', 'R20'];
const recalled = ['R06', 'R31'];
const dishonoured = ['R61', 'R62', 'R67', 'R68', 'R69', 'R70'];
/** Sixty calendar days; all others two banking days. */
const late = ['R05', 'R07', 'R10', 'R11', 'R33', 'R37', 'R38', 'R51', 'R52', 'R53'];

const numbered = (letter: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${letter}${String(from + index).padStart(2, '0')}`);
const returned = [...numbered('R', 1, 39), ...numbered('R', 50, 53), ...numbered('R', 80, 85), 'R90'];

function familyOf(code: string): ReturnFamily {
  if (retryable.includes(code)) return 'retryable';
  if (unauthorised.includes(code)) return 'unauthorised';
  if (unusable.includes(code)) return 'account_unusable';
  return recalled.includes(code) ? 'recalled' : 'other';
}

function rule(code: string, kind: ReturnKind): [string, CodeRule] {
  const windowDays = late.includes(code) ? 60 : 2;
  return [code, { kind, family: familyOf(code), windowDays, isKnown: true }];
}

const rules: ReadonlyMap<string, CodeRule> = new Map([
  ...returned.map((code) => rule(code, 'returned')),
  ...numbered('R', 40, 47).map((code) => rule(code, 'enrolment')),
  ...dishonoured.map((code) => rule(code, 'dishonoured')),
  ...numbered('R', 71, 77).map((code) => rule(code, 'contested')),
  ...numbered('C', 1, 14).map((code) => rule(code, 'change')),
]);

export const knownCodes: readonly string[] = [...rules.keys()];

/** An unknown code is a return, too: the money is gone whatever it is called, and a person is to look at it. */
export function codeRule(code: string): CodeRule {
  return rules.get(code) ?? { kind: 'returned', family: 'other', windowDays: 60, isKnown: false };
}
