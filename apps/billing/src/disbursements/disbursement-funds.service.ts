import { Injectable } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { FundOwner, ReceivedPayment } from '../allocations/allocation.entity.ts';
import type { Occasion } from '../allocations/occasion.ts';
import { SuspenseItemRepository } from '../allocations/suspense-item.repository.ts';
import { takeSuspense } from '../allocations/suspense.service.ts';
import { fundKey, UnappliedFundRepository } from '../allocations/unapplied-fund.repository.ts';
import { takeShares } from '../allocations/unapplied-funds.service.ts';
import type { DisbursementRequest } from '../domain/disbursement-request.ts';
import { DomainError } from '../domain/errors.ts';
import { keyOf } from '../domain/identity.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import type { Moved } from '../withdrawals/held-payments.service.ts';
import type { DisbursementPart } from './disbursement-request.entity.ts';

/** What one payment gives, and how it stands afterwards. */
interface Given {
  readonly amountMinor: bigint;
  readonly moved: Moved;
}

const untouched = { batches: [], funds: [], suspense: { closed: [], opened: [] } };

/** Sets money of payments aside for a disbursement, and gives it back. Payments are locked before funds. */
@Injectable()
export class DisbursementFundsService {
  constructor(
    private readonly payments: HeldPaymentsService,
    private readonly funds: UnappliedFundRepository,
    private readonly items: SuspenseItemRepository,
  ) {}

  /** @throws DomainError `funds_not_available` when the source holds less */
  async reserve(tx: Tx, request: DisbursementRequest, occasion: Occasion): Promise<DisbursementPart[]> {
    const { tenantId, id: requestId, source } = request;
    const given =
      source.type === 'unapplied'
        ? await this.ofOwner(tx, request, occasion)
        : await this.ofSuspense(tx, request, source.suspenseId, occasion);
    await this.payments.save(
      tx,
      given.map(({ moved }) => moved),
    );
    return given.map(({ amountMinor, moved }) => {
      return { tenantId, requestId, paymentLocator: moved.received.locator, amountMinor };
    });
  }

  /** The payments of these parts, all of them in one order. */
  async lock(tx: Tx, parts: readonly DisbursementPart[]): Promise<void> {
    await this.payments.lock(
      tx,
      parts.map(({ tenantId, paymentLocator: id }) => ({ tenantId, id })),
    );
  }

  /** To the owner's fund, or into a new item of suspense: the one that it came from is closed. */
  async giveBack(
    tx: Tx,
    request: DisbursementRequest,
    parts: readonly DisbursementPart[],
    occasion: Occasion,
  ): Promise<void> {
    const { tenantId, source } = request;
    const keys = parts.map(({ paymentLocator: id }) => ({ tenantId, id }));
    const held = await this.payments.lock(tx, keys);
    const item = source.type === 'suspense' ? await this.items.find(tx, { tenantId, id: source.suspenseId }) : null;
    const restored = { credited: 'credit.restored' as const, occasion };
    const moved = parts.map(({ paymentLocator, amountMinor }): Moved => {
      const { received } = held.get(keyOf({ tenantId, id: paymentLocator }))!;
      if (item) {
        const suspense = { closed: [], opened: [{ ...item, id: newId(), amountMinor, occasion }] };
        return { ...untouched, received: setAside(received, 'suspendedMinor', -amountMinor), suspense, ...restored };
      }
      const { kind } = received;
      const funds = [{ ...ownerOf(request), paymentLocator, kind, deltaMinor: amountMinor, occasion }];
      return { ...untouched, received: setAside(received, 'unappliedMinor', -amountMinor), funds, ...restored };
    });
    await this.payments.save(tx, moved);
  }

  /** The oldest payments first. What a partner has collected, the partner holds: it is not ours to pay out. */
  private async ofOwner(tx: Tx, request: DisbursementRequest, occasion: Occasion): Promise<Given[]> {
    const { tenantId } = request;
    const owner = ownerOf(request);
    const held = await this.payments.lock(tx, await this.funds.paymentsOf(tx, owner));
    const shares = [...held.values()].flatMap((payment) =>
      payment.shares.filter((share) => share.kind !== 'partner' && fundKey(share) === fundKey(owner)),
    );
    refuseMoreThan(sumOf(shares), request, '/amount');
    return takeShares(shares, request.amountMinor, occasion).map((change) => {
      const { received } = held.get(keyOf({ tenantId, id: change.paymentLocator }))!;
      const amountMinor = -change.deltaMinor;
      const payment = setAside(received, 'unappliedMinor', amountMinor);
      const told = { credited: 'credit.refunded' as const, occasion };
      return { amountMinor, moved: { ...untouched, received: payment, funds: [change], ...told } };
    });
  }

  private async ofSuspense(tx: Tx, request: DisbursementRequest, id: string, occasion: Occasion): Promise<Given[]> {
    const { tenantId, amountMinor, currency } = request;
    const item = await this.items.find(tx, { tenantId, id });
    const held = await this.payments.lock(tx, item ? [{ tenantId, id: item.paymentLocator }] : []);
    const [payment] = held.values();
    const items = payment?.items.filter((each) => each.id === id && each.currency === currency) ?? [];
    refuseMoreThan(sumOf(items), request, items.length === 0 ? '/suspenseId' : '/amount');
    if (!payment) return [];
    const received = setAside(payment.received, 'suspendedMinor', amountMinor);
    const suspense = takeSuspense(items, amountMinor, occasion);
    return [{ amountMinor, moved: { ...untouched, received, suspense } }];
  }
}

function setAside(
  received: ReceivedPayment,
  from: 'unappliedMinor' | 'suspendedMinor',
  amountMinor: bigint,
): ReceivedPayment {
  const disbursedMinor = received.disbursedMinor + amountMinor;
  return { ...received, [from]: received[from] - amountMinor, disbursedMinor };
}

function ownerOf({ tenantId, currency, source }: DisbursementRequest): FundOwner {
  if (source.type !== 'unapplied') throw new Error('money in suspense has no owner');
  return { tenantId, ownerType: source.ownerType, ownerLocator: source.ownerLocator, currency };
}

function sumOf(rows: readonly { readonly amountMinor: bigint }[]): bigint {
  return rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

function refuseMoreThan(minor: bigint, { amountMinor, currency }: DisbursementRequest, pointer: string): void {
  if (amountMinor <= minor) return;
  const detail = `only ${formatAmount({ minor, currency })} ${currency} can be paid out`;
  throw new DomainError('funds_not_available', 'The source holds less than that.', { errors: [{ pointer, detail }] });
}
