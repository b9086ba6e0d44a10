import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { achIdentification } from '../domain/ach-return.ts';
import type { FoundReturn, ReturnItem } from './return-item.ts';

// By the trace of the original entry, else by our own number on it and the amount: numbers are typed in by people.
const INSERT = `
  INSERT INTO return_items
    (tenant_id, id, file_id, kind, code, family, original_trace, return_trace, return_code, direction, amount_minor,
     currency, effective_on, created_at, payment_locator)
  SELECT $1, r.id, $2, r.kind, r.code, r.family, r.trace, r.return_trace, r.return_code, r.direction, r.amount,
         r.currency, r.effective_on, $3, coalesce(
           (SELECT p.locator FROM payment_projections p WHERE p.tenant_id = $1 AND p.ach_trace = r.trace LIMIT 1),
           (SELECT p.locator FROM payment_projections p
             WHERE p.tenant_id = $1 AND p.ach_identification = r.identification
               AND p.amount_minor = r.amount AND p.currency = r.currency LIMIT 1))
    FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                $12::bigint[], $13::text[], $14::date[], $15::text[])
         r (id, kind, code, family, trace, return_trace, return_code, direction, amount, currency, effective_on,
            identification)
  ON CONFLICT (tenant_id, original_trace, code, effective_on) DO NOTHING
  RETURNING id, payment_locator`;
/** What came back before we had heard of its payment. */
const MATCH_LATE = `
  UPDATE return_items r SET payment_locator = n.locator
    FROM unnest($1::uuid[], $2::text[], $3::uuid[]) n (tenant_id, trace, locator)
   WHERE r.tenant_id = n.tenant_id AND r.original_trace = n.trace AND r.payment_locator IS NULL
  RETURNING r.tenant_id, r.id, r.file_id, r.kind, r.code, r.family, r.original_trace, r.return_trace, r.return_code,
            r.direction, r.amount_minor, r.currency, r.effective_on, r.payment_locator`;
const METHODS = `
  SELECT p.locator, p.payment_method_id FROM payment_projections p
   WHERE p.tenant_id = $1 AND p.locator = ANY($2::uuid[]) AND p.payment_method_id IS NOT NULL`;
const COLUMNS = `tenant_id, id, file_id, kind, code, family, original_trace, return_trace, return_code, direction,
  amount_minor, currency, effective_on, payment_locator`;
const PAGE = `SELECT ${COLUMNS} FROM return_items WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`;
const PAGE_OF_PAYMENT = `
  SELECT ${COLUMNS} FROM return_items
   WHERE payment_locator = $3 AND ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`;

@Injectable()
export class ReturnRepository {
  /** @returns those that were not known before, each with its payment where we have it */
  async insert(tx: Tx, items: readonly ReturnItem[], now: Date): Promise<FoundReturn[]> {
    const [first] = items;
    if (!first) return [];
    const rows = await tx.query<{ id: string; payment_locator: string | null }>(INSERT, [
      ...[first.tenantId, first.fileId, now],
      items.map(({ id }) => id),
      items.map(({ kind }) => kind),
      items.map(({ code }) => code),
      items.map(({ family }) => family),
      items.map(({ originalTrace }) => originalTrace),
      items.map(({ returnTrace }) => returnTrace),
      items.map(({ returnCode }) => returnCode),
      items.map(({ direction }) => direction),
      items.map(({ amount }) => amount.toString()),
      items.map(({ currency }) => currency),
      items.map(({ effectiveOn }) => effectiveOn),
      items.map(({ identification }) => achIdentification(identification ?? '')),
    ]);
    const locators = new Map(rows.map(({ id, payment_locator: locator }) => [id, locator]));
    return items.flatMap((item) => {
      const paymentLocator = locators.get(item.id);
      return paymentLocator === undefined ? [] : [{ ...item, paymentLocator }];
    });
  }

  async matchLate(
    tx: Tx,
    payments: readonly { tenantId: string; achTrace: string; locator: string }[],
  ): Promise<FoundReturn[]> {
    if (payments.length === 0) return [];
    const rows = await tx.query<ReturnRow>(MATCH_LATE, [
      payments.map(({ tenantId }) => tenantId),
      payments.map(({ achTrace }) => achTrace),
      payments.map(({ locator }) => locator),
    ]);
    return rows.map(returnOf);
  }

  async methodsOf(tx: Tx, tenantId: string, locators: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (locators.length === 0) return new Map();
    const rows = await tx.query<{ locator: string; payment_method_id: string }>(METHODS, [tenantId, locators]);
    return new Map(rows.map(({ locator, payment_method_id: method }) => [locator, method]));
  }

  /** Newest first, one more than the page holds. */
  async page(tx: Tx, { before, limit, paymentLocator }: ReturnPage): Promise<FoundReturn[]> {
    const values = [before, limit + 1];
    const rows = await (paymentLocator === undefined
      ? tx.query<ReturnRow>(PAGE, values)
      : tx.query<ReturnRow>(PAGE_OF_PAYMENT, [...values, paymentLocator]));
    return rows.map(returnOf);
  }
}

export interface ReturnPage {
  readonly before: string | null;
  readonly limit: number;
  readonly paymentLocator?: string | undefined;
}

interface ReturnRow {
  tenant_id: string;
  id: string;
  file_id: string;
  kind: FoundReturn['kind'];
  code: string;
  family: FoundReturn['family'];
  original_trace: string;
  return_trace: string | null;
  return_code: string | null;
  direction: FoundReturn['direction'];
  amount_minor: string;
  currency: string;
  effective_on: string;
  payment_locator: string | null;
}

function returnOf(row: ReturnRow): FoundReturn {
  return {
    ...{ tenantId: row.tenant_id, id: row.id, fileId: row.file_id, kind: row.kind, code: row.code, family: row.family },
    ...{ originalTrace: row.original_trace, returnTrace: row.return_trace, returnCode: row.return_code },
    ...{ direction: row.direction, amount: BigInt(row.amount_minor), currency: row.currency },
    ...{ effectiveOn: row.effective_on, paymentLocator: row.payment_locator },
  };
}
