import { ApiProperty } from '@nestjs/swagger';
import { CursorQuery, QueryInt } from '@quittance/service-kit/http/page';
import { IsOptional } from 'class-validator';
import type { Batch } from './batch.ts';

export class ProofQuery extends CursorQuery {
  @IsOptional()
  @QueryInt(1, Number.MAX_SAFE_INTEGER)
  fromSeq?: number;

  @IsOptional()
  @QueryInt(1, Number.MAX_SAFE_INTEGER)
  toSeq?: number;
}

export class BatchDto {
  @ApiProperty({ description: 'From 1, without a gap.' })
  n: number;
  @ApiProperty({ description: '`seq` of the first entry in it.' })
  firstSeq: number;
  @ApiProperty()
  lastSeq: number;
  @ApiProperty()
  entries: number;
  @ApiProperty({ description: 'Entries up to and with this batch.' })
  size: number;
  @ApiProperty({ description: 'The head before it, hexadecimal.' })
  previousHash: string;
  @ApiProperty({ description: 'Head of the Merkle tree (RFC 6962) of all entries up to and with this batch.' })
  hash: string;
  @ApiProperty({ format: 'date-time' })
  sealedAt: string;

  static from({ n, firstSeq, lastSeq, entries, tree, previousHash, hash, sealedAt }: Batch): BatchDto {
    return {
      ...{ n, firstSeq, lastSeq, entries, size: tree.size },
      previousHash: previousHash.toString('hex'),
      hash: hash.toString('hex'),
      sealedAt: sealedAt.toISOString(),
    };
  }
}

export class ProofDto {
  @ApiProperty({ type: [BatchDto] })
  items: BatchDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
