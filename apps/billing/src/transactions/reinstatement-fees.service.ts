import { Injectable } from '@nestjs/common';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DelinquencyRepository } from '../delinquency/delinquency.repository.ts';
import { DelinquencySettingsRepository } from '../delinquency/delinquency-settings.repository.ts';
import { feeOn, feeRuleInForce } from '../domain/fee.ts';
import type { Change } from './change.ts';
import type { TermBook } from './term-book.ts';

/**
 * What a reinstatement will be asked as a fee: it is assessed when the delinquency that had ended the cover is looked
 * at again, by the same rule, on an invoice of its own.
 */
@Injectable()
export class ReinstatementFees {
  constructor(
    private readonly delinquencies: DelinquencyRepository,
    private readonly settings: DelinquencySettingsRepository,
  ) {}

  async tell(tx: Tx, book: TermBook, change: Change): Promise<Change> {
    const minor = await this.of(tx, book);
    const fee = toWire({ minor, currency: book.policy.currency });
    const facts = change.facts.map((fact) =>
      fact.type === 'reinstatement.billed' ? { ...fact, data: { ...fact.data, fee } } : fact,
    );
    return { ...change, facts };
  }

  private async of(tx: Tx, { policy, today: on }: TermBook): Promise<bigint> {
    const { tenantId, locator, currency, jurisdiction, line } = policy;
    const open = await this.delinquencies.openOf(tx, [{ tenantId, locator }]);
    const ended = open.filter(({ state, cancelOn }) => endsCover.has(state) && cancelOn !== null);
    if (ended.length === 0) return 0n;
    const { feeRules } = (await this.settings.of(tx, [tenantId]))(tenantId);
    const rule = feeRuleInForce(feeRules, { type: 'reinstatement_fee', currency, jurisdiction, line, on });
    return ended.reduce((sum, { balanceMinor }) => sum + feeOn(rule, balanceMinor), 0n);
  }
}

/** From these the reinstatement closes it. */
const endsCover: ReadonlySet<string> = new Set(['lapse_triggered', 'lapsed']);
