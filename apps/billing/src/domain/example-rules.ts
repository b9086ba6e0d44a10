import type { DelinquencyRule } from './delinquency-rule.ts';

/**
 * What was found in statutes, to begin a rule table with. Not legal advice, and in force nowhere: counsel confirms a
 * row, and the tenant stores it as its own with the name of who has read the law.
 */
export const exampleRules: readonly DelinquencyRule[] = [
  example({
    id: 'us-ny-motor',
    jurisdiction: 'US-NY',
    line: 'motor',
    noticeDays: 15,
    citation: 'N.Y. Vehicle and Traffic Law § 313',
  }),
  example({
    id: 'us-ny-commercial',
    jurisdiction: 'US-NY',
    line: 'commercial',
    noticeDays: 15,
    cureUntil: 'mailing',
    cureDays: 15,
    recipients: ['insured', 'producer'],
    citation: 'N.Y. Insurance Law § 3426(a)(3)',
  }),
  example({
    id: 'us-ny-personal',
    jurisdiction: 'US-NY',
    line: 'personal',
    noticeDays: 15,
    // It may precede the date of a renewal; the end of cover may not.
    earliestSend: 'any',
    citation: 'N.Y. Insurance Law § 3425; opinion of the general counsel, 2000-12-08',
  }),
  example({
    id: 'us-ca-motor',
    jurisdiction: 'US-CA',
    line: 'motor',
    noticeDays: 10,
    recipients: ['insured', 'lienholder'],
    citation: 'Cal. Insurance Code § 662',
  }),
  example({
    id: 'us-ca-commercial',
    jurisdiction: 'US-CA',
    line: 'commercial',
    noticeDays: 10,
    mailDays: 5,
    recipients: ['insured', 'producer'],
    citation: 'Cal. Insurance Code § 677.2; Code of Civil Procedure § 1013(a)',
  }),
  example({
    id: 'us-fl-motor',
    jurisdiction: 'US-FL',
    line: 'motor',
    noticeDays: 10,
    citation: 'Fla. Stat. § 627.7281',
  }),
];

function example(
  said: Partial<DelinquencyRule> & Pick<DelinquencyRule, 'id' | 'jurisdiction' | 'line' | 'noticeDays' | 'citation'>,
): DelinquencyRule {
  return {
    reason: null,
    tenureFromDays: 0,
    tenureToDays: null,
    mailDays: 0,
    countMode: 'full_days',
    earliestSend: 'after_due',
    cureUntil: 'effective',
    cureDays: null,
    effectiveTime: '00:01',
    holidays: [],
    recipients: ['insured'],
    proofType: 'certificate_of_mailing',
    effectiveFrom: '2025-01-01',
    effectiveTo: null,
    reviewedBy: null,
    isExample: true,
    ...said,
  };
}
