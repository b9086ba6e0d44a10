import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { batchStates } from './batch-view.ts';
import type { BatchView, LineView } from './batch-view.ts';

export class BatchQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: batchStates })
  @IsOptional()
  @IsIn(batchStates)
  state?: (typeof batchStates)[number];

  @ApiPropertyOptional({ description: "The processor's own name of the payout." })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  payoutReference?: string;
}

export class SettlementBatchDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'stripe' })
  processor: string;
  @ApiProperty({ example: 'po_1', description: "The processor's own name of the payout." })
  payoutReference: string;
  @ApiProperty({
    enum: ['automatic', 'manual'],
    description: 'A manual payout names no lines: it takes of the balance.',
  })
  kind: string;
  @ApiProperty({ enum: batchStates })
  state: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ description: 'Lines that it is made of.' })
  items: number;
  @ApiProperty({ example: '1000.00' })
  gross: string;
  @ApiProperty({ example: '29.90' })
  fees: string;
  @ApiProperty({ example: '50.00' })
  refunds: string;
  @ApiProperty({ example: '0.00' })
  disputes: string;
  @ApiProperty({ example: '0.00', description: 'What is none of these, signed.' })
  other: string;
  @ApiProperty({ example: '920.10', description: 'What is paid out.' })
  net: string;
  @ApiProperty({ example: '0.00', description: 'Lines less payout.' })
  offBy: string;
  @ApiProperty({ format: 'date' })
  arrivalDate: string;
  @ApiProperty({ description: 'Whether a line of a bank was matched with it.' })
  inBank: boolean;
  @ApiProperty({ format: 'uuid' })
  fileId: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from(batch: BatchView): SettlementBatchDto {
    const { id, processor, payoutRef: payoutReference, kind, state, currency, items, fileId } = batch;
    const decimal = (minor: bigint) => formatAmount({ minor, currency });
    return {
      ...{ id, processor, payoutReference, kind, state, currency, items },
      ...{ gross: decimal(batch.gross), fees: decimal(batch.fees), refunds: decimal(batch.refunds) },
      ...{ disputes: decimal(batch.disputes), other: decimal(batch.other) },
      ...{ net: decimal(batch.net), offBy: decimal(batch.offBy), arrivalDate: batch.arrivalOn },
      ...{ inBank: batch.isInBank, fileId, createdAt: batch.createdAt.toISOString() },
    };
  }
}

export class SettlementItemDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'txn_1', description: "The processor's own name of the line." })
  transactionId: string;
  @ApiProperty({ enum: ['charge', 'refund', 'dispute', 'fee', 'other'] })
  category: string;
  @ApiProperty({ description: 'As the processor calls it.' })
  reportedCategory: string;
  @ApiProperty({ example: '100.00' })
  gross: string;
  @ApiProperty({ example: '3.20' })
  fee: string;
  @ApiProperty({ example: '96.80' })
  net: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ type: String, nullable: true, description: "The processor's name of what it is about." })
  reference: string | null;
  @ApiProperty({ type: String, nullable: true, format: 'uuid' })
  paymentLocator: string | null;
  @ApiProperty({ format: 'date' })
  date: string;

  static from(line: LineView): SettlementItemDto {
    const { id, processorTxn: transactionId, category, reportedCategory, currency, reference, paymentLocator } = line;
    const decimal = (minor: bigint) => formatAmount({ minor, currency });
    return {
      ...{ id, transactionId, category, reportedCategory },
      ...{ gross: decimal(line.gross), fee: decimal(line.fee), net: decimal(line.net), currency },
      ...{ reference, paymentLocator, date: line.datedOn },
    };
  }
}

export class SettlementBatchPageDto {
  @ApiProperty({ type: [SettlementBatchDto] })
  items: SettlementBatchDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class SettlementItemPageDto {
  @ApiProperty({ type: [SettlementItemDto] })
  items: SettlementItemDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
