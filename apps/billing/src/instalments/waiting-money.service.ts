import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { AutoApplyService } from '../allocations/auto-apply.service.ts';
import type { SweepScope } from './sweep-scope.ts';
import { WaitingMoneyRepository } from './waiting-money.repository.ts';

/** Money that came before there was anything to pay, or was left over: it pays what has become owed. */
@Injectable()
export class WaitingMoneyService {
  constructor(
    private readonly waiting: WaitingMoneyRepository,
    private readonly autoApply: AutoApplyService,
  ) {}

  /** @returns of how many policies */
  async apply(tx: Tx, { now, tenantId, limit }: SweepScope): Promise<number> {
    const policies = await this.waiting.policies(tx, tenantId, limit);
    await this.autoApply.apply(tx, policies, () => now);
    return policies.length;
  }

  async isAnyLeft(tx: Tx, tenantId: string): Promise<boolean> {
    return (await this.waiting.policies(tx, tenantId, 1)).length > 0;
  }
}
