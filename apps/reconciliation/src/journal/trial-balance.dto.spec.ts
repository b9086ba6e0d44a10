import { TrialBalanceDto } from './trial-balance.dto.ts';

const row = (currency: string, account: string, [debit, credit]: [bigint, bigint]) => ({
  ...{ currency, account, debit, credit },
});

it('writes each currency with its own decimals', () => {
  const balances = [
    row('JPY', '1100', [2567n, 0n]),
    row('JPY', '2100', [0n, 2567n]),
    row('KWD', '1100', [2567n, 67n]),
    row('KWD', '2100', [67n, 2567n]),
    row('USD', '1100', [2567n, 2567n]),
    row('USD', '2100', [5n, 5n]),
  ];
  expect(TrialBalanceDto.byCurrency(balances)).toEqual({
    JPY: {
      accounts: [
        { code: '1100', debit: '2567', credit: '0', balance: '2567' },
        { code: '2100', debit: '0', credit: '2567', balance: '-2567' },
      ],
      total: '0',
    },
    KWD: {
      accounts: [
        { code: '1100', debit: '2.567', credit: '0.067', balance: '2.500' },
        { code: '2100', debit: '0.067', credit: '2.567', balance: '-2.500' },
      ],
      total: '0.000',
    },
    USD: {
      accounts: [
        { code: '1100', debit: '25.67', credit: '25.67', balance: '0.00' },
        { code: '2100', debit: '0.05', credit: '0.05', balance: '0.00' },
      ],
      total: '0.00',
    },
  });
});

it('shows by how much a currency is off', () => {
  const balances = [row('USD', '1100', [2567n, 0n]), row('USD', '2100', [0n, 2566n])];
  expect(TrialBalanceDto.byCurrency(balances)['USD']?.total).toBe('0.01');
});

it('has no currency where nothing is booked', () => {
  expect(TrialBalanceDto.byCurrency([])).toEqual({});
});
