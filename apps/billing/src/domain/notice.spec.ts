import fc from 'fast-check';
import { isBusinessDay } from './business-days.ts';
import { addDays } from './calendar.ts';
import { exampleRules } from './example-rules.ts';
import { isMailable, mailingDay, noticeDates } from './notice.ts';
import type { NoticeTerms } from './notice.ts';
import { pastDueAt } from './zone.ts';

const zone = 'America/New_York';
const terms: NoticeTerms = {
  ...{ noticeDays: 10, mailDays: 0, countMode: 'full_days', earliestSend: 'after_due', cureUntil: 'effective' },
  ...{ cureDays: null, effectiveTime: '00:01', holidays: [] },
};
const graceEndOn = '2025-03-11';
const mailed = (mailedOn: string, said: Partial<NoticeTerms> = {}, renewalOn: string | null = null) =>
  noticeDates({ mailedOn, graceEndOn, renewalOn }, { ...terms, ...said }, zone);
const example = (name: string) => exampleRules.find(({ id }) => id === name)!;

describe('the earliest legal effective date', () => {
  it('S-65: by grace alone it is the day after its last day, an hour less than 10 times 24 hours later', () => {
    expect(pastDueAt('2025-03-01', zone).toISOString()).toBe('2025-03-02T05:00:00.000Z');
    expect(pastDueAt(graceEndOn, zone).toISOString()).toBe('2025-03-12T04:00:00.000Z');
    const { effectiveOn, effectiveAt } = mailed('2025-03-03', { noticeDays: 0 });
    expect([effectiveOn, effectiveAt.toISOString()]).toEqual(['2025-03-12', '2025-03-12T04:01:00.000Z']);
  });

  it('S-66: ten full days from a mailing on 03-05 end on 03-16 at 00:01', () => {
    const { effectiveOn, effectiveAt, cureOn } = mailed('2025-03-05');
    expect([effectiveOn, effectiveAt.toISOString(), cureOn]).toEqual([
      '2025-03-16',
      '2025-03-16T04:01:00.000Z',
      '2025-03-15',
    ]);
    expect(mailed('2025-03-05', { countMode: 'days_after_mailing' }).effectiveOn).toBe('2025-03-15');
  });

  it('S-67: with five mail days, or fifteen days of notice, it is 03-21', () => {
    expect(mailed('2025-03-05', { mailDays: 5 }).effectiveOn).toBe('2025-03-21');
    expect(mailed('2025-03-05', { noticeDays: 15 }).effectiveOn).toBe('2025-03-21');
  });

  it('S-68: a notice of Sunday 03-09 is mailed on 03-10 and takes effect on 03-21', () => {
    expect(mailingDay('2025-03-09', terms)).toBe('2025-03-10');
    expect(mailed('2025-03-09')).toMatchObject({ mailedOn: '2025-03-10', effectiveOn: '2025-03-21' });
    expect(mailed('2025-03-09', { holidays: ['2025-03-10'] }).effectiveOn).toBe('2025-03-22');
  });

  it('S-69: Californian motor insurance knows no notice before the default', () => {
    const california = example('us-ca-motor');
    expect(isMailable('2025-02-25', '2025-03-01', california)).toBe(false);
    expect(isMailable('2025-03-01', '2025-03-01', california)).toBe(false);
    expect(isMailable('2025-03-02', '2025-03-01', california)).toBe(true);
  });

  it('S-70: in New York a commercial policy is cured until 15 days after mailing, not on the 16th', () => {
    const { cureOn, effectiveOn } = noticeDates(
      { mailedOn: '2025-03-05', graceEndOn: '2025-03-01', renewalOn: null },
      example('us-ny-commercial'),
      zone,
    );
    expect(['2025-03-20' <= cureOn, '2025-03-21' <= cureOn, effectiveOn]).toEqual([true, false, '2025-03-21']);
  });

  it('S-71: a notice may precede a renewal, and does not end cover before it', () => {
    expect(isMailable('2025-02-20', '2025-03-01', example('us-ny-personal'))).toBe(true);
    expect(mailed('2025-02-20', {}, '2025-04-01').effectiveOn).toBe('2025-04-01');
    expect(mailed('2025-03-25', {}, '2025-04-01').effectiveOn).toBe('2025-04-05');
  });

  it('is not before the end of a cure window that is longer than the notice', () => {
    expect(mailed('2025-03-05', { cureUntil: 'mailing', cureDays: 30 })).toMatchObject({
      ...{ cureOn: '2025-04-04', effectiveOn: '2025-04-05' },
    });
  });

  it('is never within grace, the notice, the mail days or paid cover, and a cure is always before it', () => {
    const day = fc.integer({ min: 0, max: 400 }).map((days) => addDays('2025-01-01', days));
    const few = fc.integer({ min: 0, max: 30 });
    fc.assert(
      fc.property(day, day, fc.option(day), few, few, (mailedOn, grace, renewalOn, noticeDays, mailDays) => {
        const dates = noticeDates({ mailedOn, graceEndOn: grace, renewalOn }, { ...terms, noticeDays, mailDays }, zone);
        expect(isBusinessDay(dates.mailedOn)).toBe(true);
        expect(dates.effectiveOn > grace).toBe(true);
        expect(dates.effectiveOn > addDays(dates.mailedOn, noticeDays + mailDays)).toBe(true);
        expect(renewalOn === null || dates.effectiveOn >= renewalOn).toBe(true);
        expect(dates.cureOn < dates.effectiveOn).toBe(true);
      }),
    );
  });
});
