import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Payment } from '../domain/payment.ts';
import { MediaRepository } from '../media/media.repository.ts';
import { AttemptRepository } from './attempt.repository.ts';
import { PaymentDto } from './payment.dto.ts';

/** Payments as they are shown, with what is kept beside them; what most payments do not have is not asked for. */
@Injectable()
export class PaymentViews {
  constructor(
    private readonly attempts: AttemptRepository,
    private readonly media: MediaRepository,
  ) {}

  async of(tx: Tx, payment: Payment): Promise<PaymentDto> {
    const [shown] = await this.ofMany(tx, [payment]);
    return shown!;
  }

  async ofMany(tx: Tx, payments: readonly Payment[]): Promise<PaymentDto[]> {
    const waiting = payments.filter(({ state }) => state === 'requires_action');
    const [attempts, media] = await Promise.all([
      this.attempts.findLatest(tx, waiting),
      this.media.findOf(tx, payments),
    ]);
    const attemptOf = new Map(attempts.map((attempt) => [attempt.paymentId, attempt]));
    const mediaOf = Map.groupBy(media, ({ paymentId }) => paymentId);
    return payments.map((payment) =>
      PaymentDto.from(payment, { attempt: attemptOf.get(payment.id), media: mediaOf.get(payment.id) }),
    );
  }
}
