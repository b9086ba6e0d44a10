import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { isCurrency } from '@quittance/money/currency';
import { amountOf, IsAmount } from '@quittance/service-kit/http/amounts';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import type { NewEntry, WrittenLine } from '../domain/manual-entry.ts';
import { IsDate } from './date.validator.ts';

const LINES_MAX = 100;
const amount = { oneOf: [{ type: 'string' }, { type: 'number' }], example: '25.67' };

function Reference(description: string): PropertyDecorator {
  const decorators = [ApiPropertyOptional({ description }), IsOptional(), IsString(), Length(1, 64)];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

const IsCurrency = () =>
  ValidateBy({
    name: 'isCurrency',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isCurrency(value),
      defaultMessage: () => 'must be an ISO 4217 currency code',
    },
  });

export class EntryLineDto {
  @ApiPropertyOptional({ example: '1010', description: 'The code of an account; this or `role`.' })
  @IsOptional()
  @Matches(/^\d{4}$/, { message: 'must be the code of an account' })
  account?: string;

  @ApiPropertyOptional({ example: 'operating_cash', description: 'What the account is for.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  role?: string;

  @ApiPropertyOptional({ ...amount, description: 'Above zero; this or `credit`.' })
  @IsOptional()
  @IsAmount()
  debit?: string | number;

  @ApiPropertyOptional(amount)
  @IsOptional()
  @IsAmount()
  credit?: string | number;

  @Reference('The policy that the line is about.')
  policyLocator?: string;
  @Reference('The payment.')
  paymentLocator?: string;
  @Reference('The invoice.')
  invoiceLocator?: string;
  @Reference('The policyholder, producer or payer.')
  party?: string;
}

export class CreateEntryDto {
  @ApiProperty({ maxLength: 500, description: 'Why it is booked. No names of people: use `party`.' })
  @IsString()
  @Length(1, 500)
  description: string;

  @ApiProperty({ example: 'USD' })
  @IsCurrency()
  currency: string;

  @ApiPropertyOptional({ format: 'date', description: 'Today where absent. In a closed month: the first day after.' })
  @IsOptional()
  @IsDate()
  effectiveDate?: string;

  @ApiPropertyOptional({ description: 'True where it belongs into a month that is soft-closed.' })
  @IsOptional()
  @IsBoolean()
  adjusting?: boolean;

  @ApiProperty({ type: [EntryLineDto], minItems: 2, maxItems: LINES_MAX })
  @ValidateNested({ each: true })
  @Type(() => EntryLineDto)
  @ArrayMinSize(2)
  @ArrayMaxSize(LINES_MAX)
  @IsArray()
  lines: EntryLineDto[];

  /** @throws Problem 400 with the pointers of lines that name no account or amount, or two */
  wanted(): NewEntry {
    const { description, currency, effectiveDate: effectiveOn, adjusting: isAdjusting = false } = this;
    const errors = this.lines.flatMap((line, index) => faultsOf(line, `/lines/${index}`));
    if (errors.length > 0) throw invalidRequest(errors);
    const lines = this.lines.map((line, index) => writtenLine(line, currency, `/lines/${index}`));
    return { description, effectiveOn, isAdjusting, lines };
  }
}

export class ReverseEntryDto {
  @ApiPropertyOptional({ format: 'date', description: 'Today where absent.' })
  @IsOptional()
  @IsDate()
  effectiveDate?: string;

  @ApiPropertyOptional({ maxLength: 500 })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  description?: string;
}

function faultsOf({ account, role, debit, credit }: EntryLineDto, pointer: string) {
  const both = (one: unknown, other: unknown) => (one === undefined) === (other === undefined);
  return [
    ...(both(account, role) ? [{ pointer: `${pointer}/account`, detail: 'give either account or role' }] : []),
    ...(both(debit, credit) ? [{ pointer: `${pointer}/debit`, detail: 'give either debit or credit' }] : []),
  ];
}

function writtenLine(line: EntryLineDto, currency: string, pointer: string): WrittenLine {
  const { account, role, debit, credit, policyLocator, paymentLocator, invoiceLocator, party } = line;
  const about = { account, role, policyLocator, paymentLocator, invoiceLocator, party };
  if (debit !== undefined) {
    return { ...about, amount: amountOf(debit, currency, `${pointer}/debit`, { positive: true }) };
  }
  const { minor } = amountOf(credit!, currency, `${pointer}/credit`, { positive: true });
  return { ...about, amount: { minor: -minor, currency } };
}
