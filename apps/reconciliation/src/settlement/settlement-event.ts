import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { JudgedBatch } from './settlements.service.ts';
import type { ReportContext } from './settlement.repository.ts';

/** Said when the verdict is new, or another than before. */
export function batchEvent({ tenantId, now }: ReportContext, { batch, totals, isNews }: JudgedBatch): NewEvent[] {
  if (!isNews) return [];
  const { id, version, payoutRef, currency, kind, arrivalOn } = batch;
  const wire = (minor: bigint) => toWire({ minor, currency });
  const data = {
    ...{ settlementBatchId: id, payoutId: payoutRef, kind, arrivalDate: arrivalOn, items: totals.items },
    ...{ gross: wire(totals.gross), fees: wire(totals.fees), refunds: wire(totals.refunds) },
    ...{ disputes: wire(totals.disputes), other: wire(totals.other), net: wire(totals.net) },
  };
  const about = { tenantId, subject: id, sequence: version, time: now };
  if (totals.offBy === 0n) return [{ type: 'settlement_batch.balanced', ...about, data }];
  return [{ type: 'settlement_batch.unbalanced', ...about, data: { ...data, offBy: wire(totals.offBy) } }];
}
