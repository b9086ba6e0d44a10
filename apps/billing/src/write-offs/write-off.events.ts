import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { Receivable } from '../allocations/receivable.repository.ts';
import { isWaiver } from '../domain/write-off.ts';
import type { WriteOff } from '../domain/write-off.ts';

type WriteOffData = EventData<'write_off.created'>;

/** One fact, one event: what a tolerance forgave is a `shortfall.forgiven` and no `write_off.created` beside it. */
export function writeOffEvent(writeOff: WriteOff, receivable: Receivable, { time, cause }: Occasion): NewEvent {
  const { tenantId, id: subject, version: sequence } = writeOff;
  const made = writeOff.cause === 'tolerance' ? 'shortfall.forgiven' : 'write_off.created';
  const type = writeOff.state === 'standing' ? made : 'write_off.reversed';
  return { type, tenantId, subject, sequence, data: dataOf(writeOff, receivable), time, cause };
}

/** The fee is one item of an invoice of its own. */
export function feeWaived(writeOff: WriteOff, { invoice, policy }: Receivable, occasion: Occasion): NewEvent[] {
  const [fee] = invoice.items;
  if (!fee?.chargeId || !isWaiver(writeOff, invoice)) return [];
  const { time, cause } = occasion;
  const { currency, totalMinor, issuedOn: assessedOn } = invoice;
  const amount = toWire({ minor: totalMinor, currency });
  const about = { feeId: fee.chargeId, feeType: fee.code ?? fee.category, policyLocator: policy.locator };
  const data = { ...about, invoiceLocator: invoice.id, amount, assessedOn };
  return [{ type: 'fee.waived', tenantId: invoice.tenantId, subject: fee.chargeId, sequence: 2, data, time, cause }];
}

function dataOf(writeOff: WriteOff, { invoice, policy }: Receivable): WriteOffData {
  const { currency, reason, reversedOn } = writeOff;
  return {
    writeOffId: writeOff.id,
    invoiceLocator: writeOff.invoiceId,
    invoiceType: invoice.type,
    policyLocator: policy.locator,
    policyholderLocator: policy.policyholderLocator,
    cause: writeOff.cause,
    amount: toWire({ minor: writeOff.amountMinor, currency }),
    items: writeOff.items.map(({ itemNo, amountMinor }) => {
      const { category = 'fee', code = null } = invoice.items.find((item) => item.itemNo === itemNo) ?? {};
      return {
        itemNo,
        category: category as WriteOffData['items'][number]['category'],
        ...(code === null ? {} : { code }),
        amount: toWire({ minor: amountMinor, currency }),
      };
    }),
    balance: toWire({ minor: invoice.balanceMinor, currency }),
    ...(reason === null ? {} : { reason }),
    writtenOffOn: writeOff.writtenOffOn,
    ...(reversedOn === null ? {} : { reversedOn }),
  };
}
