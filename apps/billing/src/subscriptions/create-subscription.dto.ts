import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsCents } from '@quittance/service-kit/http/cents';
import { Type } from 'class-transformer';
import { IsDefined, IsIn, IsOptional, IsString, IsUUID, Length, ValidateNested } from 'class-validator';
import { subscriptionIntervals } from '../domain/subscription.ts';
import type { SubscriptionInput, SubscriptionInterval } from '../domain/subscription.ts';

function IsOwner(description: string): PropertyDecorator {
  return applyDecorators(ApiProperty({ type: String, maxLength: 64, description }), IsString(), Length(1, 64));
}

class SubscriberInput {
  @ApiPropertyOptional({ type: String, maxLength: 200, description: "The insured business's name." })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string | null;

  // Any text: whether mail reaches it, only a mailer finds out.
  @ApiProperty({ type: String, maxLength: 254, description: 'Where a mailer sends invoices.' })
  @IsString()
  @Length(1, 254)
  email: string;
}

export class CreateSubscriptionDto {
  @IsOwner('The employer: who is insured.')
  employer_id: string;

  @IsOwner('The carrier.')
  carrier_id: string;

  @IsOwner('The policy that is paid for.')
  policy_id: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 75000, description: 'Per billing period.' })
  @IsCents()
  amount_cents: number;

  @ApiPropertyOptional({ enum: subscriptionIntervals, default: 'monthly' })
  @IsOptional()
  @IsIn(subscriptionIntervals)
  interval?: SubscriptionInterval | null;

  @ApiProperty({ type: SubscriberInput })
  @IsDefined()
  @ValidateNested()
  @Type(() => SubscriberInput)
  customer: SubscriberInput;
}

export class ChangeMethodDto {
  @ApiProperty({ format: 'uuid', description: 'Charged from the next charge on, retries among them.' })
  @IsUUID()
  payment_method_id: string;
}

/** The currency is the tenant's: this dialect has no field for it. */
export function inputOf(dto: CreateSubscriptionDto, currency: string): SubscriptionInput {
  const { name, email } = dto.customer;
  return {
    ...{ amountMinor: BigInt(dto.amount_cents), currency, interval: dto.interval ?? 'monthly' },
    ...{ policyId: dto.policy_id, carrierId: dto.carrier_id, employerId: dto.employer_id },
    customer: name == null ? { email } : { name, email },
  };
}
