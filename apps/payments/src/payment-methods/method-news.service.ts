import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { From } from '../domain/notification.ts';
import { replaceInstrument, withdrawMethod } from '../domain/payment-method-life.ts';
import type { MethodNews } from '../providers/notification.ts';
import { PaymentMethodRepository } from './payment-method.repository.ts';
import { PaymentMethodsService } from './payment-methods.service.ts';

/** What a provider tells of a token: every method that stands on it follows. */
@Injectable()
export class MethodNewsService {
  constructor(
    private readonly repository: PaymentMethodRepository,
    private readonly methods: PaymentMethodsService,
    private readonly clock: Clock,
  ) {}

  /** @returns the tenant of a method with this token; null when nobody has stored it */
  async hear(tx: Tx, { token, change, instrument, reason }: MethodNews, from: From): Promise<string | null> {
    const found = await this.repository.lockOfToken(tx, { ...from, token });
    const now = this.clock.now();
    const decisions = found.flatMap((method) => {
      if (change === 'revoked') {
        return [withdrawMethod(method, { state: 'revoked', reason: reason ?? 'provider' }, now)];
      }
      return instrument ? [replaceInstrument(method, instrument, now)] : [];
    });
    await this.methods.save(tx, decisions);
    return found[0]?.tenantId ?? null;
  }
}
