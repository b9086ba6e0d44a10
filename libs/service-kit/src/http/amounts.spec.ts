import { IsIn, Length, Matches } from 'class-validator';
import { IsAmountIn } from './amounts.ts';
import type { Problem } from './problem.ts';
import { validated } from './validation.ts';

class Gift {
  @IsAmountIn('currency', { positive: true })
  amount: string | number;

  @IsIn(['USD', 'KWD', 'none'])
  currency: string;
}

class Strict {
  @Length(2, 4, { message: 'must be two to four letters' })
  @Matches(/^[a-z]{2,4}$/, { message: 'must be two to four letters' })
  word: string;
}

const said = async <T extends object>(dto: new () => T, value: unknown) => {
  const problem = await validated(dto, value).then(
    () => undefined,
    (error: Problem) => error,
  );
  return (problem?.extra.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
};

describe('an amount beside its currency', () => {
  it.each([
    ['25.67', 'USD'],
    [25.67, 'USD'],
    ['25.678', 'KWD'],
    // no currency, so the shape is all that can be told
    ['25.6789', 'none'],
  ])('%j %s is one', async (amount, currency) => {
    expect(await said(Gift, { amount, currency })).toEqual([]);
  });

  it.each([
    ['25.678', 'USD'],
    ['0', 'USD'],
    [-1, 'USD'],
    ['90071992547409.92', 'USD'],
    ['ten', 'USD'],
    [true, 'none'],
  ])('%j %s is none', async (amount, currency) => {
    expect(await said(Gift, { amount, currency })).toEqual([expect.stringMatching(/^\/amount ./)]);
  });

  it('is told together with the other problems', async () => {
    expect(await said(Gift, { amount: '25.678', currency: 'USD', surprise: 1 })).toHaveLength(2);
  });
});

it('what two rules have to say of one value is said once', async () => {
  expect(await said(Strict, { word: '' })).toEqual(['/word must be two to four letters']);
});
