import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DUE_COLUMNS, DUE_JOINS, toDue } from '../instalments/due.repository.ts';
import type { DueInstalment, DueRow, SweepScope } from '../instalments/due.repository.ts';

export interface DueRetry extends DueInstalment {
  readonly attemptNo: number;
  readonly invoiceId: string;
}

// As with due instalments the row itself is locked beside its policy.
const claimRetries = (scope: string) => `
  SELECT ${DUE_COLUMNS}, a.attempt_no AS "attemptNo", v.id AS "invoiceId"
    FROM collection_attempts a
    JOIN instalments i ON i.tenant_id = a.tenant_id AND i.id = a.instalment_id
    JOIN invoices v ON v.tenant_id = a.tenant_id AND v.instalment_id = a.instalment_id ${DUE_JOINS}
   WHERE a.state = 'waiting' AND a.next_attempt_at <= $1 AND ${scope}
   ORDER BY a.next_attempt_at, i.id LIMIT $2
     FOR NO KEY UPDATE OF p, a, i SKIP LOCKED`;

const CLAIM_REAL_TIME = claimRetries('NOT EXISTS (SELECT FROM test_clocks t WHERE t.tenant_id = a.tenant_id)');
const CLAIM_OF_TENANT = claimRetries('a.tenant_id = $3');

const ANY_LEFT = `
  SELECT FROM collection_attempts a
   WHERE a.state = 'waiting' AND a.next_attempt_at <= $1 AND a.tenant_id = $2 LIMIT 1`;

const REQUEST = `
  UPDATE collection_attempts a SET state = 'requested'
    FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS n (tenant_id, instalment_id, attempt_no)
   WHERE a.tenant_id = n.tenant_id AND a.instalment_id = n.instalment_id AND a.attempt_no = n.attempt_no`;

@Injectable()
export class RetryRepository {
  /** Retries whose time has come and that nobody else has in hand, with their policies locked. */
  async claim(tx: Tx, { now, tenantId, limit }: SweepScope): Promise<DueRetry[]> {
    type Row = DueRow & { attemptNo: number; invoiceId: string };
    const rows =
      tenantId === null
        ? await tx.query<Row>(CLAIM_REAL_TIME, [now, limit])
        : await tx.query<Row>(CLAIM_OF_TENANT, [now, limit, tenantId]);
    return rows.map(({ attemptNo, invoiceId, ...row }) => ({ ...toDue(row), attemptNo, invoiceId }));
  }

  /** Whether one is left that another transaction has in hand. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return (await tx.query(ANY_LEFT, [now, tenantId])).length > 0;
  }

  async request(tx: Tx, retries: readonly DueRetry[]): Promise<void> {
    await tx.execute(REQUEST, [
      retries.map(({ instalment }) => instalment.tenantId),
      retries.map(({ instalment }) => instalment.id),
      retries.map(({ attemptNo }) => attemptNo),
    ]);
  }
}
