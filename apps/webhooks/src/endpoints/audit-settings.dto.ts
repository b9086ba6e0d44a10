import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, ValidateIf } from 'class-validator';

export class AuditSettingsDto {
  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description:
      'Write each request down before it is made, so that one lost in a crash leaves a trace. It costs time.',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsBoolean()
  auditStrict?: boolean;
}
