import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { Media } from '../domain/media.ts';

export class AddMediaQuery {
  @ApiPropertyOptional({ type: String, maxLength: 255, description: 'Name of a file that is sent as the whole body.' })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  name?: string;
}

export class MediaDto {
  @ApiProperty({ format: 'uuid' })
  locator: string;
  @ApiProperty({ example: 'cheque.pdf' })
  name: string;
  @ApiProperty({ example: 'application/pdf' })
  contentType: string;
  @ApiProperty({ description: 'In bytes.' })
  size: number;
  @ApiProperty({ description: 'Of the bytes as they are kept, in hexadecimal.' })
  sha256: string;
  @ApiProperty({ description: 'Card numbers in it were masked before it was kept.' })
  masked: boolean;
  @ApiProperty({ description: 'It seems to hold card numbers where they cannot be masked.' })
  suspected: boolean;
  @ApiProperty({ format: 'date-time' })
  createdTimestamp: string;

  static from({ id, name, contentType, sizeBytes, sha256, masked, suspected, createdAt }: Media): MediaDto {
    const createdTimestamp = createdAt.toISOString();
    const dto = { locator: id, name, contentType, size: sizeBytes, sha256, masked, suspected, createdTimestamp };
    return Object.assign(new MediaDto(), dto);
  }
}

export type MediaByLocator = Readonly<Record<string, MediaDto>>;

export function mediaByLocator(media: readonly Media[]): MediaByLocator {
  return Object.fromEntries(media.map((one) => [one.id, MediaDto.from(one)]));
}
