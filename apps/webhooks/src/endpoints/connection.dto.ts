import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min, ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import type { ValidationArguments } from 'class-validator';
import { authFields, authProblem } from '../domain/endpoint-auth.ts';
import type { Auth, AuthField, AuthType, ShownAuth } from '../domain/endpoint-auth.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { fixedHeadersProblem } from '../domain/fixed-headers.ts';

const types = Object.keys(authFields) as AuthType[];
const clientAuthentications = ['header', 'body'] as const;

/** Of a field of `auth`: it belongs to the type and is there where it must be. `fits` says what it may hold. */
function Belongs(rule: string, fits: (text: string) => boolean): PropertyDecorator {
  const problem = (value: unknown, args?: ValidationArguments): string | null => {
    const { type } = args?.object as Auth;
    // A type that we do not know is said once, at the type.
    if (!types.includes(type)) return null;
    const found = authProblem(type, args?.property as AuthField, value);
    return found ?? (value === undefined || fits(value as string) ? null : rule);
  };
  return ValidateBy({
    name: 'belongs',
    validator: {
      validate: (value, args) => problem(value, args) === null,
      defaultMessage: (args) => problem(args?.value, args) ?? '',
    },
  });
}

const Printable = (lengthMax: number) =>
  Belongs(`must be at most ${lengthMax} printable ASCII characters`, (text) => {
    return text.length <= lengthMax && /^[\x20-\x7e]+$/.test(text);
  });
const Pem = () =>
  Belongs('must be PEM of at most 16384 characters', (text) => text.length <= 16_384 && text.startsWith('-----BEGIN '));

export class EndpointAuthDto {
  @ApiProperty({ enum: types })
  @IsIn(types, { message: `must be one of ${types.join(', ')}` })
  type: AuthType;

  @ApiPropertyOptional({ description: 'basic' })
  @Belongs('must be at most 256 printable ASCII characters without a colon', (text) =>
    /^[\x20-9;-\x7e]{1,256}$/.test(text),
  )
  username?: string;

  @ApiPropertyOptional({ description: 'basic; never shown again', writeOnly: true })
  @Printable(1_024)
  password?: string;

  @ApiPropertyOptional({ description: 'bearer; never shown again', writeOnly: true })
  @Belongs('must be at most 8192 visible ASCII characters', (text) => /^[\x21-\x7e]{1,8192}$/.test(text))
  token?: string;

  @ApiPropertyOptional({ format: 'uri', description: 'oauth2; where client credentials are exchanged for a token' })
  @Belongs('must be an absolute URL of at most 2048 characters', (text) => text.length <= 2_048 && URL.canParse(text))
  tokenUrl?: string;

  @ApiPropertyOptional({ description: 'oauth2' })
  @Printable(1_024)
  clientId?: string;

  @ApiPropertyOptional({ description: 'oauth2; never shown again', writeOnly: true })
  @Printable(1_024)
  clientSecret?: string;

  @ApiPropertyOptional({ description: 'oauth2' })
  @Printable(1_024)
  scope?: string;

  @ApiPropertyOptional({ description: 'oauth2, for servers that ask for one' })
  @Printable(1_024)
  audience?: string;

  @ApiPropertyOptional({ enum: clientAuthentications, description: 'oauth2; where the secret goes, header by default' })
  @Belongs('must be header or body', (text) => text === 'header' || text === 'body')
  clientAuthentication?: 'header' | 'body';

  @ApiPropertyOptional({ description: 'mtls: PEM, with its chain' })
  @Pem()
  certificate?: string;

  @ApiPropertyOptional({ description: 'mtls: PEM, not encrypted; never shown again', writeOnly: true })
  @Pem()
  privateKey?: string;

  @ApiPropertyOptional({ description: "mtls: PEM; the receiver's certificate must come from one of these roots" })
  @Pem()
  ca?: string;
}

function AreFixedHeaders(): PropertyDecorator {
  const validate = (value: unknown) => fixedHeadersProblem(value) === null;
  const defaultMessage = (args?: ValidationArguments) => fixedHeadersProblem(args?.value) ?? '';
  return ValidateBy({ name: 'areFixedHeaders', validator: { validate, defaultMessage } });
}

/** How we speak to the receiver. */
export class ConnectionSettingsDto {
  @ApiPropertyOptional({
    ...{ type: Number, nullable: true, minimum: 1, maximum: 30 },
    description: 'For one request, to the last byte of the answer. Absent or null: as the platform has it, 15.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(30)
  timeoutSeconds?: number | null;

  @ApiPropertyOptional({
    ...{ type: 'object', additionalProperties: { type: 'string' }, nullable: true, writeOnly: true },
    description: 'Added to every request, at most 20. Replaces all that were there; the values are never shown.',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @AreFixedHeaders()
  headers?: Record<string, string> | null;

  @ApiPropertyOptional({ type: EndpointAuthDto, nullable: true, description: 'Replaces what was there.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => EndpointAuthDto)
  auth?: EndpointAuthDto | null;
}

export class ShownAuthDto {
  @ApiProperty({ enum: types })
  type: AuthType;

  @ApiPropertyOptional()
  username?: string | undefined;

  @ApiPropertyOptional({ format: 'uri' })
  tokenUrl?: string | undefined;

  @ApiPropertyOptional()
  clientId?: string | undefined;

  @ApiPropertyOptional()
  scope?: string | undefined;

  @ApiPropertyOptional()
  audience?: string | undefined;

  @ApiPropertyOptional({ enum: clientAuthentications })
  clientAuthentication?: 'header' | 'body' | undefined;

  @ApiPropertyOptional()
  certificate?: string | undefined;

  @ApiPropertyOptional()
  ca?: string | undefined;

  @ApiPropertyOptional({ enum: [true], description: 'There is one, and it is not shown.' })
  hasSecret?: true | undefined;

  static from(auth: ShownAuth): ShownAuthDto {
    const { type, username, tokenUrl, clientId, scope, audience, clientAuthentication, certificate, ca } = auth;
    const { hasSecret } = auth;
    return { type, username, tokenUrl, clientId, scope, audience, clientAuthentication, certificate, ca, hasSecret };
  }
}

/** What of it an endpoint shows. */
export class ConnectionDto {
  @ApiProperty({ type: Number, nullable: true, description: 'null: as long as the platform gives it.' })
  timeoutSeconds: number | null;

  @ApiProperty({ type: [String], description: 'Of the headers that are added to every request.' })
  headerNames: readonly string[];

  @ApiProperty({ type: ShownAuthDto })
  auth: ShownAuthDto;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When its receiver consented.' })
  verifiedAt: string | null;

  static of({ timeoutSeconds, headerNames, auth, verifiedAt }: Endpoint): ConnectionDto {
    const at = verifiedAt?.toISOString() ?? null;
    return { timeoutSeconds, headerNames, auth: ShownAuthDto.from(auth), verifiedAt: at };
  }
}
