import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery, QueryInt } from '@quittance/service-kit/http/page';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { fileName } from './gl-export.ts';
import type { ExportWish, StoredExport } from './gl-export.ts';
import { exportDetails, exportFormats } from './writers.ts';
import type { ExportDetail, ExportFormat } from './writers.ts';

export class CreateExportDto {
  @ApiProperty({ enum: exportFormats })
  @IsIn(exportFormats)
  format: ExportFormat;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: 'The first entry, by its `seq`; without it: the one after the last export of this format',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  fromSeq?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'The last entry; without it: the last one booked' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  toSeq?: number;

  @ApiPropertyOptional({
    ...{ enum: exportDetails, default: 'daily' },
    description: 'Of `qbo`: totals of a day by account, or every entry. The other formats have every entry',
  })
  @IsOptional()
  @IsIn(exportDetails)
  detail?: ExportDetail;

  static toWish({ format, fromSeq, toSeq, detail = 'daily' }: CreateExportDto): ExportWish {
    if (fromSeq !== undefined && toSeq !== undefined && toSeq < fromSeq) {
      throw invalidRequest([{ pointer: '/toSeq', detail: 'is before fromSeq' }]);
    }
    return { format, fromSeq, toSeq, detail: format === 'qbo' ? detail : 'entries' };
  }
}

export class ExportContentQuery {
  @QueryInt(1, 32_767)
  part: number = 1;
}

export class ExportsQuery extends CursorQuery {}

export class ExportPartDto {
  @ApiProperty({ type: 'integer', minimum: 1 })
  part: number;
  @ApiProperty({ example: 'general-ledger-1-250.journal' })
  name: string;
  @ApiProperty({ example: 'text/plain; charset=utf-8' })
  contentType: string;
  @ApiProperty({ type: 'integer' })
  bytes: number;
  @ApiProperty({ description: 'In hexadecimal digits.' })
  sha256: string;
}

export class ExportDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: exportFormats })
  format: ExportFormat;
  @ApiProperty({ enum: exportDetails })
  detail: ExportDetail;
  @ApiProperty({ type: 'integer' })
  fromSeq: number;
  @ApiProperty({ type: 'integer', description: 'Where the next export of this format begins, less one.' })
  toSeq: number;
  @ApiProperty({ type: 'integer' })
  entries: number;
  @ApiProperty({ description: 'Of all parts, one after the other, in hexadecimal digits.' })
  sha256: string;
  @ApiProperty({ type: [ExportPartDto] })
  parts: ExportPartDto[];
  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from(stored: StoredExport): ExportDto {
    const { sha256, createdAt, parts, ...rest } = stored;
    return {
      ...rest,
      sha256: sha256.toString('hex'),
      parts: parts.map(({ extension, ...part }) => ({ ...part, name: fileName(stored, part.part, extension) })),
      createdAt: createdAt.toISOString(),
    };
  }
}

export class ExportPageDto {
  @ApiProperty({ type: [ExportDto] })
  items: ExportDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
