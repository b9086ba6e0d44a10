import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { Verification, VerificationMethod } from '../domain/verification.ts';

const methods = ['ping', 'handshake'] as const;

export class VerifyEndpointDto {
  @ApiProperty({
    enum: methods,
    description: '`ping`: a signed `webhook.ping`, answered with 2xx. `handshake`: OPTIONS as CloudEvents has it.',
  })
  @IsIn(methods, { message: `must be one of ${methods.join(', ')}` })
  method: VerificationMethod;
}

export class VerificationDto {
  @ApiProperty({ enum: methods })
  method: string;

  @ApiProperty()
  verified: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'Why not: `timeout`, `not_2xx`, `origin_not_allowed`, …' })
  reason: string | null;

  @ApiProperty({ type: Number, nullable: true })
  status: number | null;

  @ApiProperty()
  durationMs: number;

  @ApiProperty({ type: Number, nullable: true, description: '`WebHook-Allowed-Rate` of a handshake, a minute.' })
  allowedPerMinute: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'As the endpoint has it now.' })
  verifiedAt: string | null;

  static from(verification: Verification): VerificationDto {
    const { method, isVerified, reason, status, durationMs, allowedPerMinute, verifiedAt } = verification;
    const at = verifiedAt?.toISOString() ?? null;
    return { method, verified: isVerified, reason, status, durationMs, allowedPerMinute, verifiedAt: at };
  }
}
