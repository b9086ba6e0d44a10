import { ApiProperty } from '@nestjs/swagger';
import type { Erasure } from './erasure.ts';

export class ErasureDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({
    enum: ['running', 'completed'],
    description: 'The bodies are unreadable at once; `completed` when every delivery that waited is aborted, too.',
  })
  state: string;

  @ApiProperty({ description: 'Keys that were destroyed; 0 when nothing had been stored since the last erasure.' })
  keysDestroyed: number;

  @ApiProperty({ description: 'Deliveries that waited and can no longer be sent, so far.' })
  deliveriesAborted: number;

  @ApiProperty({ description: 'The client that asked.' })
  requestedBy: string;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  completedAt: string | null;

  static from(erasure: Erasure): ErasureDto {
    const { id, state, keysDestroyed, deliveriesAborted, requestedBy, createdAt, completedAt } = erasure;
    return {
      ...{ id, state, keysDestroyed, deliveriesAborted, requestedBy },
      ...{ createdAt: createdAt.toISOString(), completedAt: completedAt?.toISOString() ?? null },
    };
  }
}

export class ErasurePageDto {
  @ApiProperty({ type: [ErasureDto] })
  items: ErasureDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
