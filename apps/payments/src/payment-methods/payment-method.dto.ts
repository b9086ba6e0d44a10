import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, Length } from 'class-validator';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { dateOf } from '../domain/calendar.ts';
import { methodState } from '../domain/payment-method.ts';
import type { MethodState, PaymentMethod } from '../domain/payment-method.ts';
import { present } from '../payments/payment-event.ts';

export class AddPaymentMethodDto {
  @ApiProperty({ maxLength: 200, description: "The provider's token. Never a card or account number." })
  @IsString()
  @Length(1, 200)
  token: string;

  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  policyholderLocator: string;
}

export class PaymentMethodsQuery extends CursorQuery {
  @ApiPropertyOptional({ type: String, maxLength: 64, description: 'Of this policyholder.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyholderLocator?: string;
}

export class ChangePaymentMethodDto {
  @ApiProperty({ description: 'At most one method of a policyholder is the default: another one steps back.' })
  @IsBoolean()
  isDefault: boolean;
}

export class MandateDto {
  @ApiProperty({ enum: ['ach', 'sepa_dd', 'bacs_dd', 'card'] })
  scheme: string;
  @ApiProperty({ enum: ['active', 'revoked'] })
  state: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  signedTimestamp: string | null;
}

export class PaymentMethodDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: ['card', 'ach'] })
  type: 'card' | 'ach';
  @ApiPropertyOptional({ type: String })
  brand?: string;
  @ApiPropertyOptional({ type: String })
  last4?: string;
  @ApiPropertyOptional({ type: String, format: 'date', description: 'The last day it can be charged.' })
  expiresDate?: string;
  @ApiPropertyOptional({ type: String, description: 'The same for every token of one card or account.' })
  fingerprint?: string;
  @ApiPropertyOptional({ type: MandateDto })
  mandate?: MandateDto;
  @ApiProperty()
  isDefault: boolean;
  @ApiProperty({ enum: ['active', 'expired', 'revoked', 'blocked'] })
  state: MethodState;
  @ApiProperty()
  policyholderLocator: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from(method: PaymentMethod, now: Date): PaymentMethodDto {
    const { id, type, brand, last4, expiresOn, policyholderLocator, fingerprint, mandate, isDefault } = method;
    return Object.assign(new PaymentMethodDto(), {
      ...{ id, type, state: methodState(method, dateOf(now)), policyholderLocator, isDefault },
      ...present({ brand, last4, expiresDate: expiresOn, fingerprint }),
      ...(mandate && {
        mandate: { scheme: mandate.scheme, state: mandate.state, signedTimestamp: mandate.signedAt },
      }),
      createdAt: method.createdAt.toISOString(),
    });
  }
}

export class PaymentMethodPageDto {
  @ApiProperty({ type: [PaymentMethodDto] })
  items: PaymentMethodDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
