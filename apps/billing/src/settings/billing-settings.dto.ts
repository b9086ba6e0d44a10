import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { amountOf, IsAmountIn } from '@quittance/service-kit/http/amounts';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { invoiceOrders, itemOrders } from '../domain/allocation-plan.ts';
import type { InvoiceOrder, ItemOrder } from '../domain/allocation-plan.ts';
import { defaultSettings, statementCycles } from '../domain/billing-settings.ts';
import type { BillingSettings, StatementCycle } from '../domain/billing-settings.ts';
import { excludedDebits } from '../domain/excess.ts';
import type { ExcludedDebits } from '../domain/excess.ts';
import { IsCurrencyCode } from '../policies/policy.validators.ts';

const { allocation, excess } = defaultSettings;
const CURRENCIES_MAX = 200;
const YEAR = 365;

export class CurrencyAmountDto {
  @ApiProperty({ example: 'USD' })
  @IsCurrencyCode()
  currency: string;

  @ApiProperty({ type: String, example: '1.00' })
  @IsAmountIn('currency')
  amount: string | number;
}

export class AllocationPlanDto {
  @ApiPropertyOptional({
    enum: invoiceOrders,
    default: allocation.invoices,
    description: 'Which invoice is paid first',
  })
  @IsOptional()
  @IsIn(invoiceOrders)
  invoiceOrder?: InvoiceOrder;

  @ApiPropertyOptional({ enum: itemOrders, default: allocation.items, description: 'What of it a part payment pays' })
  @IsOptional()
  @IsIn(itemOrders)
  itemOrder?: ItemOrder;
}

export class ExcessCreditDto {
  @ApiPropertyOptional({ type: Boolean, default: excess.disburseExcess })
  @IsOptional()
  @IsBoolean()
  disburseExcess?: boolean;

  @ApiPropertyOptional({
    ...{ enum: excludedDebits, default: excess.excludeDebits },
    description: 'Which debts keep money back before the rest is paid out',
  })
  @IsOptional()
  @IsIn(excludedDebits)
  excludeDebits?: ExcludedDebits;

  @ApiPropertyOptional({ type: () => [CurrencyAmountDto], description: 'Less than this is not paid out' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(CURRENCIES_MAX)
  @ValidateNested({ each: true })
  @Type(() => CurrencyAmountDto)
  floors?: CurrencyAmountDto[];
}

/** As a whole: what is absent is the default again. */
export class BillingSettingsDto {
  @ApiPropertyOptional({ type: () => AllocationPlanDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => AllocationPlanDto)
  allocation?: AllocationPlanDto;

  @ApiPropertyOptional({
    type: () => [CurrencyAmountDto],
    description: 'An invoice on which no more than this is missing after a payment counts as paid',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(CURRENCIES_MAX)
  @ValidateNested({ each: true })
  @Type(() => CurrencyAmountDto)
  shortfallTolerances?: CurrencyAmountDto[];

  @ApiPropertyOptional({ type: () => ExcessCreditDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => ExcessCreditDto)
  excessCredit?: ExcessCreditDto;

  @ApiPropertyOptional({ enum: statementCycles, default: defaultSettings.statementCycle })
  @IsOptional()
  @IsIn(statementCycles)
  statementCycle?: StatementCycle;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 3650, nullable: true, default: null })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10 * YEAR)
  suspenseAgedAfterDays?: number | null;

  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 0, maximum: 365, nullable: true, default: null },
    description: 'How many days before its due date `invoice.upcoming` tells of an instalment; 0 or null: never',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR)
  upcomingInvoiceDays?: number | null;

  static toSettings(dto: BillingSettingsDto): BillingSettings {
    const shortfallTolerances = dto.shortfallTolerances ?? [];
    const excessCredit = dto.excessCredit ?? {};
    return {
      allocation: {
        invoices: dto.allocation?.invoiceOrder ?? allocation.invoices,
        items: dto.allocation?.itemOrder ?? allocation.items,
      },
      tolerances: amountsOf(shortfallTolerances, '/shortfallTolerances'),
      excess: {
        disburseExcess: excessCredit.disburseExcess ?? excess.disburseExcess,
        excludeDebits: excessCredit.excludeDebits ?? excess.excludeDebits,
        floors: amountsOf(excessCredit.floors ?? [], '/excessCredit/floors'),
      },
      statementCycle: dto.statementCycle ?? defaultSettings.statementCycle,
      suspenseAgedAfterDays: dto.suspenseAgedAfterDays ?? defaultSettings.suspenseAgedAfterDays,
      upcomingInvoiceDays: dto.upcomingInvoiceDays ?? defaultSettings.upcomingInvoiceDays,
    };
  }

  static from({ allocation: plan, tolerances, excess: credit, ...rest }: BillingSettings): BillingSettingsDto {
    const { disburseExcess, excludeDebits, floors } = credit;
    return {
      allocation: { invoiceOrder: plan.invoices, itemOrder: plan.items },
      shortfallTolerances: shown(tolerances),
      excessCredit: { disburseExcess, excludeDebits, floors: shown(floors) },
      ...rest,
    };
  }
}

function amountsOf(list: readonly CurrencyAmountDto[], pointer: string): Map<string, bigint> {
  const amounts = new Map<string, bigint>();
  const twice = list.flatMap(({ currency, amount }, index) => {
    const isThere = amounts.has(currency);
    amounts.set(currency, amountOf(amount, currency, `${pointer}/${index}/amount`).minor);
    return isThere ? [{ pointer: `${pointer}/${index}/currency`, detail: 'is there twice' }] : [];
  });
  if (twice.length > 0) throw invalidRequest(twice);
  return amounts;
}

function shown(amounts: ReadonlyMap<string, bigint>): CurrencyAmountDto[] {
  const sorted = [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([currency, minor]) => ({ currency, amount: formatAmount({ minor, currency }) }));
}
