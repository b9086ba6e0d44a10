import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
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

export class PaymentMethodDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: ['card', 'ach'] })
  type: 'card' | 'ach';
  @ApiPropertyOptional({ type: String })
  brand?: string;
  @ApiPropertyOptional({ type: String })
  last4?: string;
  @ApiPropertyOptional({ type: String, format: 'date' })
  expiresOn?: string;
  @ApiProperty({ enum: ['active', 'expired', 'revoked', 'blocked'] })
  state: MethodState;
  @ApiProperty()
  policyholderLocator: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from(method: PaymentMethod, now: Date): PaymentMethodDto {
    const { id, type, brand, last4, expiresOn, policyholderLocator } = method;
    return Object.assign(new PaymentMethodDto(), {
      ...{ id, type, state: methodState(method, dateOf(now)), policyholderLocator },
      ...present({ brand, last4, expiresOn }),
      createdAt: method.createdAt.toISOString(),
    });
  }
}
