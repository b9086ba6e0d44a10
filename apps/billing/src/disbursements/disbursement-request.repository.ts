import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { LessThan } from 'typeorm';
import type { DisbursementRequest, DisbursementRequestState } from '../domain/disbursement-request.ts';
import type { TenantKey } from '../domain/identity.ts';
import { DisbursementRequestEntity, requestOf } from './disbursement-request.entity.ts';
import type { DisbursementPart } from './disbursement-request.entity.ts';

export interface DisbursementRequestPage {
  readonly state: DisbursementRequestState | null;
  readonly before: string | null;
  readonly limit: number;
}

const INSERT = `
  INSERT INTO disbursement_requests (tenant_id, id, state, owner_type, owner_locator, suspense_id, currency,
    amount_minor, payee_type, payee_locator, method, reason, version, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;

const INSERT_PARTS = `
  INSERT INTO disbursement_parts (tenant_id, request_id, payment_locator, amount_minor)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[])`;

const PARTS = `
  SELECT p.tenant_id AS "tenantId", p.request_id AS "requestId", p.payment_locator AS "paymentLocator",
         p.amount_minor AS "amountMinor"
    FROM disbursement_parts p
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, request_id) USING (tenant_id, request_id)
   ORDER BY p.payment_locator`;

const LOCK = `
  SELECT r.id FROM disbursement_requests r
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id) USING (tenant_id, id)
   ORDER BY r.tenant_id, r.id FOR NO KEY UPDATE OF r`;

const UPDATE = `
  UPDATE disbursement_requests SET state = $3, disbursement_id = $4, version = $5 WHERE tenant_id = $1 AND id = $2`;

@Injectable()
export class DisbursementRequestRepository {
  async insert(tx: Tx, request: DisbursementRequest, parts: readonly DisbursementPart[]): Promise<void> {
    const { source } = request;
    const owner = source.type === 'unapplied' ? source : null;
    await Promise.all([
      tx.execute(INSERT, [
        request.tenantId,
        request.id,
        request.state,
        owner?.ownerType ?? null,
        owner?.ownerLocator ?? null,
        source.type === 'suspense' ? source.suspenseId : null,
        request.currency,
        request.amountMinor,
        request.payeeType,
        request.payeeLocator,
        request.method,
        request.reason,
        request.version,
        request.createdAt,
      ]),
      tx.execute(INSERT_PARTS, [
        parts.map(({ tenantId }) => tenantId),
        parts.map(({ requestId }) => requestId),
        parts.map(({ paymentLocator }) => paymentLocator),
        parts.map(({ amountMinor }) => amountMinor),
      ]),
    ]);
  }

  async find(tx: Tx, { tenantId, id }: TenantKey): Promise<DisbursementRequest | null> {
    const row = await tx.manager.findOneBy(DisbursementRequestEntity, { tenantId, id });
    return row && requestOf(row);
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  async page(tx: Tx, tenantId: string, page: DisbursementRequestPage): Promise<DisbursementRequest[]> {
    const { state, before, limit } = page;
    const rows = await tx.manager.find(DisbursementRequestEntity, {
      where: {
        tenantId,
        ...(state === null ? {} : { state }),
        ...(before === null ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return rows.map(requestOf);
  }

  /** Locked, and with what each payment gave: before the locks of those payments. */
  async lock(
    tx: Tx,
    keys: readonly TenantKey[],
  ): Promise<{ requests: DisbursementRequest[]; parts: DisbursementPart[] }> {
    const columns = [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)];
    await tx.query(LOCK, columns);
    const [rows, parts] = await Promise.all([
      tx.manager.findBy(
        DisbursementRequestEntity,
        keys.map(({ tenantId, id }) => ({ tenantId, id })),
      ),
      tx.query<Omit<DisbursementPart, 'amountMinor'> & { amountMinor: string }>(PARTS, columns),
    ]);
    return {
      requests: rows.map(requestOf),
      parts: parts.map((part) => ({ ...part, amountMinor: BigInt(part.amountMinor) })),
    };
  }

  async update(tx: Tx, { tenantId, id, state, disbursementId, version }: DisbursementRequest): Promise<void> {
    await tx.execute(UPDATE, [tenantId, id, state, disbursementId, version]);
  }
}
