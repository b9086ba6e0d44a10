import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { PagingQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { displayIdOf } from '../domain/invoice.ts';
import { lineSources, statementDisplayIdOf, statementLineKinds, statementStates } from '../domain/statement.ts';
import type { StatementLineKind, StatementLineSource, StatementState } from '../domain/statement.ts';
import { IsCalendarDate, IsCurrencyCode } from '../policies/policy.validators.ts';
import type { NewStatement, StatementView } from './statement.view.ts';

export class CreateStatementDto {
  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  policyholderLocator: string;

  @ApiPropertyOptional({ example: 'USD', description: 'Needed where the policyholder has policies in several' })
  @IsOptional()
  @IsCurrencyCode()
  currency?: string;

  @ApiProperty({ format: 'date', description: 'Where the last statement ended; of the first one any date' })
  @IsCalendarDate()
  periodStart: string;

  @ApiProperty({ format: 'date', description: 'The first date that is no longer part of it: today, or earlier' })
  @IsCalendarDate()
  periodEnd: string;

  static toNew({ policyholderLocator, currency, periodStart, periodEnd }: CreateStatementDto): NewStatement {
    return { policyholderLocator, currency: currency ?? null, period: { start: periodStart, end: periodEnd } };
  }
}

export class StatementsQuery extends PagingQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyholderLocator?: string;

  @ApiPropertyOptional({ description: 'Those of its policyholder in its currency' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyLocator?: string;

  @ApiPropertyOptional({ enum: statementStates })
  @IsOptional()
  @IsIn(statementStates)
  state?: StatementState;
}

export class StatementLineDto {
  @ApiProperty({ enum: statementLineKinds }) kind: StatementLineKind;
  @ApiProperty({ format: 'date' }) on: string;
  @ApiProperty({ example: '25.67' }) amount: string;
  @ApiProperty({ enum: lineSources }) sourceType: StatementLineSource;
  @ApiProperty({ format: 'uuid' }) sourceLocator: string;
  @ApiPropertyOptional({ format: 'uuid' }) policyLocator?: string;
}

export class StatementInvoiceDto {
  @ApiProperty({ format: 'uuid' }) locator: string;
  @ApiProperty({ example: 'I-000001' }) displayId: string;
  @ApiProperty({ format: 'date' }) dueOn: string;
  @ApiProperty({ example: '25.67' }) balance: string;
}

export class StatementDto {
  @ApiProperty({ format: 'uuid' }) locator: string;
  @ApiProperty({ example: 'S-000001' }) displayId: string;
  @ApiProperty({ enum: statementStates }) state: StatementState;
  @ApiProperty() policyholderLocator: string;
  @ApiProperty() currency: string;
  @ApiProperty({ format: 'date' }) periodStart: string;
  @ApiProperty({ format: 'date', description: 'The first date that is no longer part of it' }) periodEnd: string;
  @ApiProperty({ example: '100.00' }) openingBalance: string;
  @ApiProperty({ example: '25.67' }) charges: string;
  @ApiProperty({ example: '25.00' }) fees: string;
  @ApiProperty({ example: '100.00' }) payments: string;
  @ApiProperty({ example: '0.00' }) credits: string;
  @ApiProperty({ example: '0.00' }) refunds: string;
  @ApiProperty({ example: '0.00' }) returnedPayments: string;
  @ApiProperty({ example: '0.00' }) returnPremium: string;
  @ApiProperty({ example: '50.67', description: 'Below zero: the policyholder has too much here' })
  closingBalance: string;
  @ApiProperty({ example: '50.67', description: 'What of it is owed now' }) amountDue: string;
  @ApiPropertyOptional({ format: 'date', description: 'The first due date of what was open when it was made' })
  dueOn?: string;
  @ApiProperty({ type: () => [StatementLineDto] }) lines: StatementLineDto[];
  @ApiProperty({ type: () => [StatementInvoiceDto], description: 'What of it is open now' })
  invoices: StatementInvoiceDto[];
  @ApiPropertyOptional({ format: 'uuid', description: 'The statement that it corrects' }) supersedes?: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from({ statement, lines, invoices }: StatementView): StatementDto {
    const { currency, period, sums, dueOn, supersedesId } = statement;
    const text = (minor: bigint) => formatAmount({ minor, currency });
    return {
      ...{ locator: statement.id, displayId: statementDisplayIdOf(statement.number), state: statement.state },
      ...{ policyholderLocator: statement.policyholderLocator, currency },
      ...{ periodStart: period.start, periodEnd: period.end, openingBalance: text(statement.openingMinor) },
      ...{ charges: text(sums.charge), fees: text(sums.fee), payments: text(sums.payment) },
      ...{ credits: text(sums.credit), refunds: text(sums.refund), returnedPayments: text(sums.returned_payment) },
      ...{ returnPremium: text(sums.return_premium), closingBalance: text(statement.closingMinor) },
      amountDue: text(invoices.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0n)),
      ...(dueOn === null ? {} : { dueOn }),
      lines: lines.map(({ kind, on, amountMinor, sourceType, sourceId, policyLocator }) => ({
        ...{ kind, on, amount: text(amountMinor), sourceType, sourceLocator: sourceId },
        ...(policyLocator === null ? {} : { policyLocator }),
      })),
      invoices: invoices.map(({ locator, number, dueOn: due, balanceMinor }) => ({
        ...{ locator, displayId: displayIdOf(number), dueOn: due, balance: text(balanceMinor) },
      })),
      ...(supersedesId === null ? {} : { supersedes: supersedesId }),
      createdAt: statement.createdAt.toISOString(),
    };
  }
}

export class StatementPageDto {
  @ApiProperty({ type: () => [StatementDto] }) statements: StatementDto[];
  @ApiPropertyOptional({ description: 'Absent on the last page' }) pagingToken?: string;
}
