import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsUUID, ValidateBy, ValidateIf } from 'class-validator';
import type { ValidationArguments } from 'class-validator';
import { EndpointDto } from '../endpoints/endpoint.dto.ts';
import { IsInstant } from '../endpoints/instant.validator.ts';
import { IsRate } from './rate.validator.ts';
import type { Enabled } from './replay-request.ts';

/** Not both: which of them would count is nobody's guess. */
function WithoutSinceId(): PropertyDecorator {
  const validate = (_: unknown, args?: ValidationArguments) =>
    (args?.object as RecoverEndpointDto).sinceId === undefined;
  const defaultMessage = () => 'cannot be given together with sinceId';
  return ValidateBy({ name: 'withoutSinceId', validator: { validate, defaultMessage } });
}

export class RecoverEndpointDto {
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Events that happened at this instant or later. Needed, or `sinceId`.',
  })
  @ValidateIf(({ since, sinceId }: RecoverEndpointDto) => since !== undefined || sinceId === undefined)
  @IsInstant()
  @WithoutSinceId()
  since?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Instead: this event and those after it.' })
  @IsOptional()
  @IsUUID('all', { message: 'must be an event id' })
  sinceId?: string;

  @ApiPropertyOptional({ default: true, description: 'Only what the endpoint has never taken.' })
  @IsOptional()
  @IsBoolean()
  onlyFailed?: boolean;

  @IsRate()
  ratePerSecond?: number;
}

export class EnableEndpointDto {
  @ApiPropertyOptional({ default: false, description: 'Also send what it missed while it was disabled.' })
  @IsOptional()
  @IsBoolean()
  recover?: boolean;
}

export class EnabledEndpointDto extends EndpointDto {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The replay that sends what it missed.' })
  replayId: string | null;

  static fromEnabled({ endpoint, replay }: Enabled): EnabledEndpointDto {
    return { ...EndpointDto.from(endpoint), replayId: replay?.id ?? null };
  }
}
