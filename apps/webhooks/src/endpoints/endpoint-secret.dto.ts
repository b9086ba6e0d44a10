import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsUUID, Max, Min, ValidateIf } from 'class-validator';
import { overlapSecondsDefault, overlapSecondsMax, signingOf, signings } from '../domain/secret.ts';
import type { EndpointSecret, PublishedKey, Signing } from '../domain/secret.ts';
import { IsInstant } from './instant.validator.ts';

const IfPresent = () => ValidateIf((_, value) => value !== undefined);

export class SigningChoiceDto {
  @ApiPropertyOptional({
    enum: signings,
    default: 'v1',
    description:
      'v1: HMAC under a secret that both sides hold. v1a: ed25519; the key stays here, its public half is shown.',
  })
  @IfPresent()
  @IsIn(signings)
  signing?: Signing;
}

export class RotateSecretDto {
  @ApiPropertyOptional({ enum: signings, description: 'Absent: as the newest secret.' })
  @IfPresent()
  @IsIn(signings)
  kind?: Signing;

  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 0, maximum: overlapSecondsMax, default: overlapSecondsDefault },
    description: 'How long the older secrets of this kind go on signing beside the new one.',
  })
  @IsInt()
  @Min(0)
  @Max(overlapSecondsMax)
  overlapSeconds: number = overlapSecondsDefault;

  @ApiPropertyOptional({ format: 'date-time', description: 'When the new secret begins to sign. Absent: now.' })
  @IfPresent()
  @IsInstant()
  notBefore?: string;
}

export class EndpointSecretDto {
  @ApiProperty({ format: 'uuid', description: 'Of a v1a key also its `kid` in the key set.' })
  id: string;

  @ApiProperty({ enum: signings })
  kind: Signing;

  @ApiProperty({ format: 'date-time' })
  notBefore: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'null: until it is replaced.' })
  expiresAt: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'whpk_…', description: 'Of v1a: what verifies.' })
  publicKey: string | null;

  static from(secret: EndpointSecret): EndpointSecretDto {
    return {
      id: secret.id,
      kind: signingOf[secret.kind],
      notBefore: secret.notBefore.toISOString(),
      expiresAt: secret.expiresAt?.toISOString() ?? null,
      publicKey: secret.publicKey,
    };
  }
}

export class RotatedSecretDto extends EndpointSecretDto {
  @ApiProperty({ type: String, nullable: true, example: 'whsec_…', description: 'Of v1; in this answer only.' })
  secret: string | null;
}

export class EndpointSecretsDto {
  @ApiProperty({ type: [EndpointSecretDto], description: 'Newest first: those that sign, and those to come.' })
  items: EndpointSecretDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Always null: there are five at most.' })
  nextCursor: null;
}

export class PublicKeysQuery {
  @ApiProperty({ format: 'uuid', description: 'Whose webhooks are to be verified.' })
  @IsUUID('all', { message: 'must be an endpoint id' })
  endpoint: string;
}

/** RFC 8037. */
export class PublicKeyDto {
  @ApiProperty({ enum: ['OKP'] })
  kty: 'OKP';

  @ApiProperty({ enum: ['Ed25519'] })
  crv: 'Ed25519';

  @ApiProperty({ description: 'The public key, base64url.' })
  x: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the secret.' })
  kid: string;

  @ApiProperty({ enum: ['EdDSA'] })
  alg: 'EdDSA';

  @ApiProperty({ enum: ['sig'] })
  use: 'sig';

  static from({ id, publicKey }: PublishedKey): PublicKeyDto {
    const x = Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url');
    return { kty: 'OKP', crv: 'Ed25519', x, kid: id, alg: 'EdDSA', use: 'sig' };
  }
}

export class PublicKeySetDto {
  @ApiProperty({ type: [PublicKeyDto] })
  keys: PublicKeyDto[];
}
