import { ApiProperty } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import type { AccountBalance } from '../domain/chart.ts';

export class AccountBalanceDto {
  @ApiProperty({ example: '1100' })
  code: string;
  @ApiProperty({ example: '25.67', description: 'Sum of the debits, decimal string.' })
  debit: string;
  @ApiProperty({ example: '0.00' })
  credit: string;
  @ApiProperty({ example: '25.67', description: 'Debit less credit.' })
  balance: string;
}

export class TrialBalanceDto {
  @ApiProperty({ type: [AccountBalanceDto] })
  accounts: AccountBalanceDto[];
  @ApiProperty({ example: '0.00', description: 'Debits less credits of all accounts: anything but zero is an alarm.' })
  total: string;

  /** One trial balance a currency; no entries, no currency. */
  static byCurrency(balances: readonly AccountBalance[]): Record<string, TrialBalanceDto> {
    const currencies = [...new Set(balances.map(({ currency }) => currency))];
    return Object.fromEntries(currencies.map((currency) => [currency, trialBalanceOf(balances, currency)]));
  }
}

function trialBalanceOf(balances: readonly AccountBalance[], currency: string): TrialBalanceDto {
  const decimal = (minor: bigint) => formatAmount({ minor, currency });
  const own = balances.filter((balance) => balance.currency === currency);
  const accounts = own.map(({ account, debit, credit }) => ({
    code: account,
    debit: decimal(debit),
    credit: decimal(credit),
    balance: decimal(debit - credit),
  }));
  const total = own.reduce((sum, { debit, credit }) => sum + debit - credit, 0n);
  return { accounts, total: decimal(total) };
}
