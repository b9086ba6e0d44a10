import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { movedRemittance } from '../domain/remittance-life.ts';
import type { RemittanceAction } from '../domain/remittance-life.ts';
import { ItemRepository } from '../matching/item.repository.ts';
import { ClaimRepository } from './claim.repository.ts';
import type { ChargedClaim, NewClaim } from './charged-claim.ts';
import { Patients } from './patients.ts';
import type { Patient } from './patients.ts';
import { RemittanceListRepository } from './remittance-list.repository.ts';
import type { Paging } from './remittance-list.repository.ts';
import type { AdjustmentView, ClaimView, LineView } from './remittance-views.ts';
import { remittanceEvent } from './remittance-row.ts';
import type { StoredRemittance } from './remittance-row.ts';
import { RemittanceRepository } from './remittance.repository.ts';
import type { RemittanceFilter } from './remittance.repository.ts';
import { CLAIMS } from './remittance-items.ts';

interface Key {
  readonly tenantId: string;
  readonly id: string;
}

/** What people do with remittances, and the claims that they are about. */
@Injectable()
export class RemittanceDesk {
  constructor(
    private readonly remittances: RemittanceRepository,
    private readonly lists: RemittanceListRepository,
    private readonly claims: ClaimRepository,
    private readonly items: ItemRepository,
    private readonly patients: Patients,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  page(tx: Tx, tenantId: string, filter: RemittanceFilter): Promise<StoredRemittance[]> {
    return this.remittances.page(tx, tenantId, filter);
  }

  find(tx: Tx, key: Key): Promise<StoredRemittance | null> {
    return this.remittances.find(tx, key);
  }

  claimsOf(tx: Tx, key: Key, paging: Paging): Promise<ClaimView[]> {
    return this.lists.claims(tx, key, paging);
  }

  linesOf(tx: Tx, tenantId: string, of: { remittanceId: string; claimId: string }): Promise<LineView[] | null> {
    return this.lists.lines(tx, tenantId, of);
  }

  adjustmentsOf(tx: Tx, key: Key): Promise<AdjustmentView[]> {
    return this.lists.adjustments(tx, key);
  }

  /** Each look at a patient is written down before it is answered. @returns null for a claim that is not there */
  async patientOf(
    tx: Tx,
    tenantId: string,
    of: { remittanceId: string; claimId: string; by: string },
  ): Promise<Patient | null> {
    const found = await this.lists.patient(tx, tenantId, of);
    if (!found) return null;
    await this.lists.noteRead(tx, { tenantId, claimId: of.claimId, by: of.by, at: this.clock.now() });
    if (found.patient === null) return { name: null, memberId: null };
    return this.patients.open(tx, tenantId, of.claimId, found.patient);
  }

  /** @throws DomainError `invalid_transition`, `remittance_unbalanced` */
  async move(tx: Tx, key: Key, action: RemittanceAction, reason: string): Promise<StoredRemittance | null> {
    const remittance = await this.remittances.lock(tx, key);
    if (!remittance) return null;
    const moved = await this.remittances.move(tx, key, movedRemittance(remittance, action), reason);
    if (moved.state === 'held')
      await this.outbox.append(tx, [remittanceEvent('remittance.held', moved, this.clock.now())]);
    return moved;
  }

  /** Imports what was charged; a number that is known changes nothing. @returns all of them, in their order */
  async importClaims(tx: Tx, tenantId: string, wanted: readonly NewClaim[]): Promise<ChargedClaim[]> {
    const now = this.clock.now();
    const fresh = wanted.map((claim) => ({ ...claim, tenantId, id: newId(), createdAt: now }));
    const added = await this.claims.insert(tx, tenantId, fresh, now);
    await this.items.add(tx, added.map(itemOf));
    const all = await this.claims.byNumber(
      tx,
      tenantId,
      wanted.map(({ number }) => number),
    );
    const byNumber = new Map(all.map((claim) => [claim.number, claim]));
    return wanted.map(({ number }) => byNumber.get(number)!);
  }

  claim(tx: Tx, { tenantId, id }: Key): Promise<ChargedClaim | null> {
    return this.claims.find(tx, tenantId, id);
  }
}

function itemOf({ tenantId, id, number, patientAccount, amount, servedOn }: ChargedClaim) {
  return {
    ...{ tenantId, set: 'claim_receivable' as const, side: 'B' as const, source: { type: 'claim', id } },
    ...{ account: CLAIMS, currency: amount.currency, amount: amount.minor, datedOn: servedOn },
    ...{ reference: patientAccount, secondReference: number },
  };
}
