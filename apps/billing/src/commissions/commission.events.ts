import { toWire } from '@quittance/money/wire';
import { newId } from '@quittance/service-kit/id';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { CommissionMove } from '../domain/commission.ts';
import type { CommissionEntry } from '../domain/producer-account.ts';
import { formatRate } from '../domain/rate.ts';
import { localDate } from '../domain/zone.ts';

/** One move as it is written down, and as it is said. */
export interface BookedMove {
  readonly entry: CommissionEntry;
  readonly event: NewEvent;
}

interface Booking {
  readonly timeZone: string;
  readonly occasion: Occasion;
  readonly payoutId?: string;
}

/** The sequence of the event is the number of the entry: the version of the commission after it. */
export function book(move: CommissionMove, { timeZone, occasion, payoutId }: Booking): BookedMove {
  const { state, amountMinor, after } = move;
  const { tenantId, id: commissionId, version: number, producerId, policyLocator, currency } = after;
  const bookedOn = localDate(occasion.time, timeZone);
  const wire = (minor: bigint) => toWire({ minor, currency });
  return {
    entry: {
      ...{ tenantId, id: newId(), commissionId, number, producerId, policyLocator, state, amountMinor, currency },
      ...{ payoutId: payoutId ?? null, bookedOn },
    },
    event: {
      type: `commission.${state}`,
      tenantId,
      subject: commissionId,
      sequence: number,
      data: {
        ...{ commissionId, producerId, policyLocator, termNumber: after.termNumber, agreementId: after.agreementId },
        ...{ rate: formatRate(after.rate), earn: after.earn, amount: wire(amountMinor) },
        ...{ basis: wire(after.basisMinor), earnedBasis: wire(after.earnedBasisMinor) },
        ...{ reserved: wire(after.reservedMinor), earned: wire(after.earnedMinor), paid: wire(after.paidMinor) },
        bookedOn,
        ...(payoutId === undefined ? {} : { payoutId }),
      },
      ...occasion,
    },
  };
}
