import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { depositMatched } from './bank-event.ts';
import { DepositRepository } from './deposit.repository.ts';

/** So many payments of a payout are said in one event. */
const PAYMENTS_SAID = 1_000;

/** A line of a bank that a match explains, with the payouts on the other side. */
export interface MatchedLine {
  readonly tenantId: string;
  readonly lineId: string;
  readonly matchId: string;
  readonly batches: readonly string[];
}

/** Says what a deposit was for. Payments hear by it that their money has arrived. */
@Injectable()
export class DepositNews {
  constructor(
    private readonly deposits: DepositRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Of one tenant. */
  async matched(tx: Tx, lines: readonly MatchedLine[], at: Date): Promise<void> {
    const [first] = lines;
    if (!first) return;
    const { tenantId } = first;
    const paymentsOf = await this.deposits.paymentsOf(
      tx,
      tenantId,
      lines.flatMap(({ batches }) => batches),
    );
    const parts = lines.map((line) => portions(line.batches.flatMap((batch) => paymentsOf.get(batch) ?? [])));
    const ids = lines.map(({ lineId }) => lineId);
    const raised = await this.deposits.raise(
      tx,
      tenantId,
      ids,
      parts.map(({ length }) => length),
    );
    const byId = new Map(raised.map((deposit) => [deposit.id, deposit]));
    const events = lines.flatMap(({ lineId, matchId }, n) => {
      const deposit = byId.get(lineId);
      if (!deposit) return [];
      const said = parts[n]!;
      return said.map((payments, part) =>
        depositMatched(deposit, { matchId, payments, sequence: deposit.version - said.length + part + 1 }, at),
      );
    });
    await this.outbox.append(tx, events);
  }
}

/** At least one, also of nothing. */
function portions(payments: readonly string[]): (readonly string[])[] {
  const count = Math.max(1, Math.ceil(payments.length / PAYMENTS_SAID));
  return Array.from({ length: count }, (_, n) => payments.slice(n * PAYMENTS_SAID, (n + 1) * PAYMENTS_SAID));
}
