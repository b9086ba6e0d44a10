import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import type { Account, AccountBalance, AccountType } from '../domain/chart.ts';
import { IsDate } from '../journal/date.validator.ts';

export class AtQuery {
  @ApiPropertyOptional({ format: 'date', description: 'Up to and with this date.' })
  @IsOptional()
  @IsDate()
  at?: string;

  @ApiPropertyOptional({
    ...{ enum: ['effective', 'posted'], default: 'effective' },
    description: 'By the business date of the entries, or by the day (UTC) they were booked.',
  })
  @IsOptional()
  @IsIn(['effective', 'posted'])
  basis?: 'effective' | 'posted';
}

function Key(description: string): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ description }), IsOptional(), IsString(), Length(1, 64)];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

export class DimensionQuery {
  @Key('Only the account with this role, such as `premium_receivable`.')
  role?: string;
  @Key('The locator of a policy.')
  policy?: string;
  @Key('The locator of an invoice.')
  invoice?: string;
  @Key('The locator of a policyholder, producer or payer.')
  party?: string;
}

export class AccountDto {
  @ApiProperty({ example: '1100' })
  code: string;
  @ApiProperty({ example: 'clearing_card', description: 'What the account is for: rules name this, not the code.' })
  role: string;
  @ApiProperty({ enum: ['asset', 'liability', 'revenue', 'expense'] })
  type: AccountType;

  static from({ code, role, type }: Account): AccountDto {
    return { code, role, type };
  }
}

export class AccountsDto {
  @ApiProperty({ type: [AccountDto] })
  items: AccountDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}

export class BalanceDto {
  @ApiProperty({ example: '1200' })
  account: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ example: '25.67', description: 'Sum of the debits, decimal string.' })
  debit: string;
  @ApiProperty({ example: '0.00' })
  credit: string;
  @ApiProperty({ example: '25.67', description: 'Debit less credit.' })
  balance: string;

  static from({ account, currency, debit, credit }: AccountBalance): BalanceDto {
    const decimal = (minor: bigint) => formatAmount({ minor, currency });
    return { account, currency, debit: decimal(debit), credit: decimal(credit), balance: decimal(debit - credit) };
  }
}

export class BalancesDto {
  @ApiProperty({ type: [BalanceDto] })
  items: BalanceDto[];

  static from(balances: readonly AccountBalance[]): BalancesDto {
    return { items: balances.map((balance) => BalanceDto.from(balance)) };
  }
}
