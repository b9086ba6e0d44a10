import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  MaxLength,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import type { Endpoint } from '../domain/endpoint.ts';
import type { EndpointSecret } from '../domain/secret.ts';
import { ConnectionDto, ConnectionSettingsDto } from './connection.dto.ts';
import { EndpointFlowDto, EndpointFlowSettingsDto } from './endpoint-flow.dto.ts';
import { AuditSettingsDto } from './audit-settings.dto.ts';
import { SigningChoiceDto } from './endpoint-secret.dto.ts';
import { MatchingSettingsDto, MatchingViewDto } from './matching.dto.ts';
import { RetrySettingsDto } from './retry-settings.dto.ts';

const urlLengthMax = 2_048;

/** Absolute, with a host. Where it may lead is a rule of the service and not of the shape. */
function IsAbsoluteUrl(): PropertyDecorator {
  const validate = (value: unknown) =>
    typeof value === 'string' && value.length <= urlLengthMax && URL.canParse(value) && new URL(value).host !== '';
  const defaultMessage = () => `must be an absolute URL of at most ${urlLengthMax} characters`;
  return ValidateBy({ name: 'isAbsoluteUrl', validator: { validate, defaultMessage } });
}

/** Absent is allowed, null is a value like any other and must fit. */
const IfPresent = () => ValidateIf((_, value) => value !== undefined);

/** What is sent there, and what it is called. */
export class EndpointSettingsDto extends IntersectionType(
  MatchingSettingsDto,
  ConnectionSettingsDto,
  EndpointFlowSettingsDto,
  RetrySettingsDto,
) {
  @ApiPropertyOptional({
    ...{ type: [String], nullable: true, example: ['payment.*', 'instalment.paid'] },
    description: 'Types, `payment.*` for all that begin so, `*`. Absent or null: every type partners may see.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsString({ each: true })
  eventTypes?: string[] | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 500 })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  description?: string | null;
}

export class CreateEndpointDto extends IntersectionType(EndpointSettingsDto, SigningChoiceDto, AuditSettingsDto) {
  @ApiProperty({ format: 'uri', description: 'https; plain http only where the platform allows it.' })
  @IsAbsoluteUrl()
  url: string;
}

export class UpdateEndpointDto extends IntersectionType(EndpointSettingsDto, AuditSettingsDto) {
  @ApiPropertyOptional({ format: 'uri' })
  @IfPresent()
  @IsAbsoluteUrl()
  url?: string;

  @ApiPropertyOptional({ enum: ['active', 'paused'] })
  @IfPresent()
  @IsIn(['active', 'paused'])
  state?: 'active' | 'paused';
}

export class EndpointDto extends IntersectionType(MatchingViewDto, ConnectionDto, EndpointFlowDto) {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uri' })
  url: string;

  @ApiProperty({
    enum: ['active', 'paused', 'disabled', 'deleted'],
    description: '`deleted` only in the answer to DELETE.',
  })
  state: string;

  @ApiProperty({ type: [String], nullable: true, description: 'null: every type partners may see.' })
  eventTypes: readonly string[] | null;

  @ApiProperty({ type: String, nullable: true })
  description: string | null;

  @ApiProperty({ description: 'Each request is written down before it is made.' })
  auditStrict: boolean;

  @ApiProperty({ type: [Number], nullable: true, description: "null: the platform's schedule." })
  retrySchedule: readonly number[] | null;

  @ApiProperty({
    ...{ type: String, nullable: true },
    description: 'Why it is disabled: `gone`, `requested_by_receiver`, `failing`.',
  })
  disabledReason: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Nothing is sent before.' })
  holdUntil: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;

  static from(endpoint: Endpoint): EndpointDto {
    return {
      id: endpoint.id,
      url: endpoint.url,
      state: endpoint.state === 'deleting' ? 'deleted' : endpoint.state,
      eventTypes: endpoint.eventTypes,
      ...MatchingViewDto.of(endpoint),
      description: endpoint.description,
      ...EndpointFlowDto.of(endpoint),
      retrySchedule: endpoint.retrySchedule,
      auditStrict: endpoint.auditStrict,
      disabledReason: endpoint.disabledReason,
      holdUntil: endpoint.holdUntil?.toISOString() ?? null,
      createdAt: endpoint.createdAt.toISOString(),
      updatedAt: endpoint.updatedAt.toISOString(),
      ...ConnectionDto.of(endpoint),
    };
  }
}

export class CreatedEndpointDto extends EndpointDto {
  @ApiProperty({ format: 'uuid', description: 'As in the list of secrets; of v1a the `kid` in the key set.' })
  secretId: string;

  @ApiProperty({
    ...{ type: String, nullable: true, example: 'whsec_…' },
    description: 'Signs every webhook of this endpoint; shown in this answer only. null with v1a.',
  })
  secret: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'whpk_…', description: 'With v1a: what verifies.' })
  publicKey: string | null;

  /** All but the secret. */
  static made(endpoint: Endpoint & { readonly firstSecret: EndpointSecret }): Omit<CreatedEndpointDto, 'secret'> {
    const { id: secretId, publicKey } = endpoint.firstSecret;
    return { ...EndpointDto.from(endpoint), secretId, publicKey };
  }
}

export class EndpointPageDto {
  @ApiProperty({ type: [EndpointDto] })
  items: EndpointDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
