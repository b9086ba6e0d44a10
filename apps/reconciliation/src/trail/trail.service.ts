import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { ReturnsService } from '../returns/returns.service.ts';
import type { Trail } from './trail.ts';
import { TrailRepository } from './trail.repository.ts';

/** More returns of one payment than any bank sends. */
const RETURNS_MAX = 100;

/** Follows a payment's money: to the processor's report, the payout, the bank's line and its statement. */
@Injectable()
export class TrailService {
  constructor(
    private readonly trails: TrailRepository,
    private readonly returns: ReturnsService,
  ) {}

  /** Null for a payment that was never posted; links that are missing are missing here. */
  async follow(tx: Tx, locator: string): Promise<Trail | null> {
    const payment = await this.trails.payment(tx, locator);
    if (!payment) return null;
    const lines = await this.trails.lines(tx, locator);
    const batchIds = [...new Set(lines.flatMap(({ batch }) => batch?.id ?? []))];
    const deposits = await this.trails.deposits(tx, batchIds);
    const returns = await this.returns.page(tx, { before: null, limit: RETURNS_MAX, paymentLocator: locator });
    const exceptions = await this.trails.exceptions(tx, [
      { type: 'payment', id: locator },
      ...lines.map(({ id }) => ({ type: 'settlement_item', id })),
      ...batchIds.map((id) => ({ type: 'settlement_batch', id })),
      ...returns.map(({ id }) => ({ type: 'return_item', id })),
    ]);
    return { payment, lines, deposits, returns, exceptions };
  }
}
