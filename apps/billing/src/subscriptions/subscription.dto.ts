import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { subscriptionIntervals } from '../domain/subscription.ts';
import type { Subscription, SubscriptionFilter, SubscriptionInterval } from '../domain/subscription.ts';
import type { SubscriptionStatus } from '../domain/subscription-status.ts';

/** What the outside is shown: `incomplete` and `paused` are active there. */
const shownStatuses = ['active', 'past_due', 'cancelled', 'completed'] as const;
type ShownStatus = (typeof shownStatuses)[number];

const inside: Record<ShownStatus, readonly SubscriptionStatus[]> = {
  active: ['active', 'incomplete', 'paused'],
  past_due: ['past_due'],
  cancelled: ['cancelled'],
  completed: ['completed'],
};

function shown(status: SubscriptionStatus): ShownStatus {
  return shownStatuses.find((each) => inside[each].includes(status)) ?? 'active';
}

export class SubscriptionsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: shownStatuses })
  @IsOptional()
  @IsIn(shownStatuses)
  status?: ShownStatus;

  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  carrier_id?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  employer_id?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policy_id?: string;

  static toFilter({ status, carrier_id, employer_id, policy_id }: SubscriptionsQuery): SubscriptionFilter {
    return {
      statuses: status === undefined ? undefined : inside[status],
      carrierId: carrier_id,
      employerId: employer_id,
      policyId: policy_id,
    };
  }
}

export class SubscriptionCustomerDto {
  @ApiPropertyOptional() name?: string;
  @ApiPropertyOptional() email?: string;
}

export class SubscriptionDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: shownStatuses }) status: ShownStatus;
  @ApiProperty({ type: 'integer', example: 75000 }) amount_cents: number;
  @ApiProperty() currency: string;
  @ApiProperty({ enum: subscriptionIntervals }) interval: SubscriptionInterval;
  @ApiPropertyOptional({ type: 'integer', description: 'Absent: without end' }) count?: number;
  @ApiProperty({ type: 'integer' }) collected_count: number;
  @ApiProperty({ format: 'date', nullable: true, type: String }) next_charge_date: string | null;
  @ApiProperty() employer_id: string;
  @ApiProperty() carrier_id: string;
  @ApiProperty() policy_id: string;
  @ApiProperty({ type: () => SubscriptionCustomerDto, description: 'Of one that a link started, the link has it' })
  customer: SubscriptionCustomerDto;
  @ApiPropertyOptional({ format: 'uuid' }) payment_link_id?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'Absent: a link asks for each period' })
  payment_method_id?: string;
  @ApiPropertyOptional({ description: 'Why a person has to decide how it goes on', example: 'down_payment_refunded' })
  review_reason?: string;
  @ApiProperty({ format: 'date-time' }) created_at: string;

  static from(subscription: Subscription): SubscriptionDto {
    const { id, status, amountMinor, currency, interval, count, collectedCount, nextChargeOn } = subscription;
    const { employerId, carrierId, policyId, customer, linkId, reviewReason, createdAt } = subscription;
    const { paymentMethodId } = subscription;
    return {
      ...{ id, status: shown(status), amount_cents: Number(amountMinor), currency, interval },
      ...(count === null ? {} : { count }),
      ...{ collected_count: collectedCount, next_charge_date: nextChargeOn },
      ...{ employer_id: employerId, carrier_id: carrierId, policy_id: policyId, customer },
      ...(linkId === null ? {} : { payment_link_id: linkId }),
      ...(paymentMethodId === null ? {} : { payment_method_id: paymentMethodId }),
      ...(reviewReason === null ? {} : { review_reason: reviewReason }),
      created_at: createdAt.toISOString(),
    };
  }
}

export class SubscriptionPageDto {
  @ApiProperty({ type: () => [SubscriptionDto] }) data: SubscriptionDto[];
  @ApiProperty({ type: 'integer' }) page: number;
  @ApiProperty({ type: 'integer' }) limit: number;
  @ApiProperty({ type: 'integer' }) total: number;
}
