import type { BankReturn } from './payment.ts';

/**
 * What follows from a return, beside the money being gone:
 * `represent` the same entry may be sent again, at most twice within 180 days of the original's settlement ·
 * `correct` it may be put right and sent again within 60 days · `new_details` the account cannot be charged as it is ·
 * `revoke` the customer's leave to charge it is gone · `none` it is not sent again
 */
export type Consequence = 'represent' | 'correct' | 'new_details' | 'revoke' | 'none';

export interface ReturnRule {
  readonly meaning: string;
  readonly consequence: Consequence;
  /** The payer's fault: what a fee may be charged for. */
  readonly pejorative: boolean;
}

const rule = (meaning: string, consequence: Consequence = 'none', pejorative = false): ReturnRule => ({
  ...{ meaning, consequence, pejorative },
});

/** NACHA's return reason codes. */
export const nachaCodes: Readonly<Record<string, ReturnRule>> = {
  R01: rule('insufficient funds', 'represent', true),
  R02: rule('account closed', 'new_details'),
  R03: rule('no account, or it cannot be located', 'new_details'),
  R04: rule('invalid account number', 'new_details'),
  R05: rule('unauthorised debit of a consumer account under a corporate entry class', 'revoke'),
  R06: rule("returned at the originating bank's request"),
  R07: rule('authorisation revoked by the customer', 'revoke'),
  R08: rule('payment stopped', 'none', true),
  R09: rule('uncollected funds', 'represent', true),
  R10: rule('the customer says it was not authorised', 'revoke'),
  R11: rule('not in accordance with the terms of the authorisation', 'correct'),
  R12: rule('account sold to another bank', 'new_details'),
  R13: rule('invalid routing number', 'new_details'),
  R14: rule('representative payee deceased or unable to act', 'new_details'),
  R15: rule('beneficiary or account holder deceased', 'new_details'),
  R16: rule('account frozen', 'new_details'),
  R17: rule('file record edit criteria, or questionable origin', 'new_details'),
  R18: rule('improper effective entry date'),
  R19: rule('amount field error'),
  R20: rule('not a transaction account', 'new_details'),
  R21: rule('invalid company identification'),
  R22: rule('invalid individual identification number'),
  R23: rule('credit refused by the receiver'),
  R24: rule('duplicate entry'),
  R25: rule('addenda error'),
  R26: rule('mandatory field error'),
  R27: rule('trace number error'),
  R28: rule('routing number check digit error', 'new_details'),
  R29: rule('the corporate customer says it was not authorised', 'revoke'),
  R30: rule('the bank takes no part in check truncation'),
  R31: rule('permissible return of a corporate entry'),
  R32: rule('the bank cannot settle'),
  R33: rule('return of a destroyed check entry'),
  R34: rule('the bank takes part in a limited way only', 'new_details'),
  R35: rule('return of an improper debit', 'new_details'),
  R36: rule('return of an improper credit'),
  R37: rule('the source document was presented, too'),
  R38: rule('the source document was stopped', 'none', true),
  R39: rule('improper source document'),
  R51: rule('the re-presented check was ineligible or improper'),
  R52: rule('the re-presented check was stopped', 'none', true),
  R53: rule('the check and its entry were both presented'),
};

const unknown = rule('not in the table');

/** An unknown code and another scheme's have no consequence but the return itself: they are for people to judge. */
export function returnRule({ scheme, code }: Pick<BankReturn, 'scheme' | 'code'>): ReturnRule {
  return scheme === 'ach' && Object.hasOwn(nachaCodes, code) ? nachaCodes[code]! : unknown;
}
