import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { StoredFile, TakenFile } from './stored-file.ts';
import type { FileAnswer } from './format-reader.ts';

const anything = { type: 'object', additionalProperties: true } as const;

export class FoundExceptionDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'remit_unbalanced' })
  type: string;
}

/** What was read in a file: which members there are depends on its format. */
export class FileAnswerDto {
  @ApiPropertyOptional({ type: 'array', items: anything })
  remittances?: readonly object[];
  @ApiPropertyOptional({ type: 'array', items: anything })
  statements?: readonly object[];
  @ApiPropertyOptional({ type: 'integer', description: 'Lines that no file said before.' })
  lines?: number;
  @ApiPropertyOptional({ type: 'array', items: anything, description: 'Payouts of processors.' })
  batches?: readonly object[];
  @ApiPropertyOptional({ type: 'array', items: anything, description: 'What came back from a bank.' })
  returns?: readonly object[];
  @ApiProperty({ type: () => [FoundExceptionDto], description: 'What people have to look at.' })
  exceptions: FileAnswer['exceptions'];
}

export class TakenFileDto extends FileAnswerDto {
  @ApiProperty({ format: 'uuid' })
  fileId: string;
  @ApiProperty({ example: 'x12_835' })
  format: string;
  @ApiProperty({ description: 'The same bytes came before: this is what was answered then.' })
  duplicate: boolean;

  static from({ file, duplicate }: TakenFile): TakenFileDto {
    const head = { fileId: file.id, format: file.format, duplicate };
    return Object.assign(new TakenFileDto(), head, file.answer);
  }
}

export class FileDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'x12_835' })
  format: string;
  @ApiProperty({ type: String, nullable: true, description: 'As its sender called it.' })
  name: string | null;
  @ApiProperty({ type: 'integer', description: 'In bytes.' })
  size: number;
  @ApiProperty({ description: 'In hexadecimal.' })
  sha256: string;
  @ApiProperty({ format: 'date-time' })
  receivedAt: string;
  @ApiProperty({ type: FileAnswerDto })
  found: FileAnswerDto;

  static from({ id, format, name, bytes, sha256, receivedAt, answer }: StoredFile): FileDto {
    return Object.assign(new FileDto(), {
      ...{ id, format, name, size: bytes, sha256: sha256.toString('hex') },
      ...{ receivedAt: receivedAt.toISOString(), found: Object.assign(new FileAnswerDto(), answer) },
    });
  }
}

export class FileAddressDto {
  @ApiProperty({ description: 'Gives the file to whoever has it, without any other credential.' })
  url: string;
  @ApiProperty({ format: 'date-time' })
  expiresAt: string;

  static from({ url, expiresAt }: { url: string; expiresAt: Date }): FileAddressDto {
    return Object.assign(new FileAddressDto(), { url, expiresAt: expiresAt.toISOString() });
  }
}
