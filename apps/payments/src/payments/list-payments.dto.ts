import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDate, IsIn, IsOptional } from 'class-validator';
import { PagingQuery } from '@quittance/service-kit/http/page';
import { seedStates } from '../domain/payment-state.ts';
import type { SeedState } from '../domain/payment-state.ts';
import { IsReference } from './create-payment.dto.ts';
import type { PaymentFilter } from './payment-request.ts';

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function instantFrom(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const at = /^\d{1,15}$/.test(value) ? new Date(Number(value)) : new Date(rfc3339.test(value) ? value : Number.NaN);
  return Number.isNaN(at.getTime()) ? value : at;
}

/** RFC 3339 or epoch milliseconds. */
function IsInstant(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, description, example: '2025-01-31T00:00:00.000Z' }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => instantFrom(value)),
    IsDate({ message: 'must be an RFC 3339 timestamp or epoch milliseconds' }),
  );
}

export class ListPaymentsQuery extends PagingQuery {
  @IsReference('Of this policyholder.')
  policyholderLocator?: string;

  @IsReference('Of this policy.')
  policyLocator?: string;

  @IsReference('For this invoice.')
  invoiceLocator?: string;

  @IsReference('For this statement.')
  statementLocator?: string;

  @IsReference('Taken by this merchant.')
  merchantId?: string;

  @IsReference('Taken at this location.')
  locationId?: string;

  @ApiPropertyOptional({ enum: seedStates })
  @IsOptional()
  @IsIn(seedStates)
  state?: SeedState;

  @IsInstant('Created before this instant, exclusive.')
  createdBeforeTimestamp?: Date;

  @IsInstant('Posted after this instant, exclusive; what was posted last comes first.')
  postedAfterTimestamp?: Date;
}

export function filterOf(query: ListPaymentsQuery): PaymentFilter {
  const { pageSize: _size, pagingToken: _token, createdBeforeTimestamp, postedAfterTimestamp, ...rest } = query;
  const filter = { ...rest, createdBefore: createdBeforeTimestamp, postedAfter: postedAfterTimestamp };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value != null));
}
