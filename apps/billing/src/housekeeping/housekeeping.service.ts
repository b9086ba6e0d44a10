import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { suspenseAged } from '../allocations/suspense.service.ts';
import { localDate } from '../domain/zone.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import { StatementCycleService } from '../statements/statement-cycle.service.ts';
import { SuspenseSearchRepository } from '../suspense/suspense-search.repository.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import { ExcessService } from './excess.service.ts';
import { LateMoneyService } from './late-money.service.ts';

/**
 * What a date brings to money that lies here: statements, money that is called old, and money that is paid out. In a
 * transaction of its own: it locks payments, which come before the policies that become due.
 */
@Injectable()
export class HousekeepingService {
  constructor(
    private readonly statements: StatementCycleService,
    private readonly late: LateMoneyService,
    private readonly excess: ExcessService,
    private readonly suspense: SuspenseSearchRepository,
    private readonly payments: HeldPaymentsService,
    private readonly outbox: Outbox,
  ) {}

  /** One batch. @returns how much was done; 0: nothing is left of this date */
  async run(tx: Tx, scope: SweepScope): Promise<number> {
    const stated = await this.statements.run(tx, scope);
    // Each of them locks payments in their order, so one of them a transaction.
    const aged = await this.age(tx, scope);
    const given = aged > 0 ? 0 : await this.late.run(tx, scope);
    const excess = aged + given > 0 ? 0 : await this.excess.run(tx, scope);
    return stated + aged + given + excess;
  }

  private async age(tx: Tx, scope: SweepScope): Promise<number> {
    const today = localDate(scope.now, 'UTC');
    const old = await this.suspense.old(tx, today, scope);
    if (old.length === 0) return 0;
    const wanted = new Set(old.map(({ id }) => id));
    const payments = old.map(({ tenantId, paymentLocator: id }) => ({ tenantId, id }));
    const held = await this.payments.lock(tx, payments);
    const items = [...held.values()].flatMap((payment) => payment.items).filter(({ id }) => wanted.has(id));
    const aged = await this.suspense.age(tx, items, today);
    await this.outbox.append(
      tx,
      aged.map((item) => suspenseAged({ ...item, occasion: { time: scope.now } })),
    );
    return old.length;
  }
}
