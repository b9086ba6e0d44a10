import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { Worker } from '@quittance/service-kit/worker/worker';
import { claimCharged, remittancePosted } from '../domain/remittance-rules.ts';
import { JournalService } from '../journal/journal.service.ts';
import { ClaimRepository } from './claim.repository.ts';
import { remittanceEvent } from './remittance-row.ts';
import type { StoredRemittance } from './remittance-row.ts';
import { RemittanceRepository } from './remittance.repository.ts';

const EVERY_MS = 5_000;
const PORTION = 200;
const POSTED = 'remittance_posted';

/**
 * Books 835s that add up, one entry each, mirrors those that were voided, and books what providers charged. The mark
 * and the entry are one transaction.
 */
@Injectable()
export class PostRemittancesWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly remittances: RemittanceRepository,
    private readonly claims: ClaimRepository,
    private readonly journal: JournalService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {
    super('post-remittances', EVERY_MS);
  }

  protected async work(): Promise<number> {
    const posted = await this.db.tx((tx) => this.post(tx));
    const mirrored = await this.db.tx((tx) => this.mirror(tx));
    const charged = await this.db.tx((tx) => this.charge(tx));
    return posted + mirrored + charged;
  }

  private async post(tx: Tx): Promise<number> {
    const [found, now] = [await this.remittances.claimToPost(tx, PORTION), this.clock.now()];
    if (found.length === 0) return 0;
    const postings = found.map((remittance) => ({
      ...{ tenantId: remittance.tenantId, kind: POSTED, source: sourceOf(remittance), effectiveOn: remittance.paidOn },
      lines: remittancePosted(remittance.sums, remittance.amount.currency),
    }));
    await this.journal.record(
      tx,
      postings.filter(({ lines }) => lines.length > 0),
    );
    const posted = await this.remittances.posted(tx, found, now);
    await this.outbox.append(
      tx,
      posted.map((remittance) => remittanceEvent('remittance.posted', remittance, now)),
    );
    return posted.length;
  }

  private async mirror(tx: Tx): Promise<number> {
    const [found, now] = [await this.remittances.claimToMirror(tx, PORTION), this.clock.now()];
    const booked = found.filter(({ sums, amount }) => remittancePosted(sums, amount.currency).length > 0);
    await this.journal.recordMirrors(
      tx,
      booked.map((remittance) => ({
        ...{ tenantId: remittance.tenantId, of: { kind: POSTED, source: sourceOf(remittance) } },
        ...{ kind: 'remittance_voided', source: sourceOf(remittance), effectiveOn: now.toISOString().slice(0, 10) },
      })),
    );
    if (found.length > 0) await this.remittances.mirrored(tx, found, now);
    return found.length;
  }

  private async charge(tx: Tx): Promise<number> {
    const claims = await this.claims.claimToBook(tx, PORTION, this.clock.now());
    const postings = claims.map(({ tenantId, id, amount, servedOn }) => ({
      ...{ tenantId, kind: 'claim_charged', source: { type: 'claim', id }, effectiveOn: servedOn },
      lines: claimCharged(amount),
    }));
    await this.journal.record(tx, postings);
    return claims.length;
  }
}

const sourceOf = ({ id }: StoredRemittance) => ({ type: 'remittance', id });
