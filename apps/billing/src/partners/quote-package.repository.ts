import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Charge, ChargeCategory, ChargeHandling } from '../domain/charge.ts';
import type { PartnerKey, QuotePackage } from '../domain/partner-quote.ts';

interface WireCharge {
  category: ChargeCategory;
  code: string | null;
  amountMinor: string;
  handling: ChargeHandling;
}

interface Row {
  currency: string;
  createdAt: Date;
  bookedAt: Date | null;
  id: string;
  startOn: string;
  endOn: string;
  charges: WireCharge[];
  plan: string | null;
  policyLocator: string | null;
}

const INSERT = `
  INSERT INTO partner_quote_packages (tenant_id, id, partner_id, currency, created_at) VALUES ($1, $2, $3, $4, $5)`;

const INSERT_QUOTES = `
  INSERT INTO partner_quotes (tenant_id, package_id, position, id, start_on, end_on, charges)
  SELECT $1, $2, q.position - 1, q.id, q.start_on, q.end_on, q.charges::jsonb
    FROM unnest($3::uuid[], $4::date[], $5::date[], $6::text[])
      WITH ORDINALITY AS q (id, start_on, end_on, charges, position)`;

const LOCK = `
  SELECT FROM partner_quote_packages WHERE tenant_id = $1 AND id = $2 AND partner_id = $3 FOR NO KEY UPDATE`;

// The partner is asked for with the tenant: a package of another one is a package that does not exist.
const FIND = `
  SELECT p.currency, p.created_at AS "createdAt", p.booked_at AS "bookedAt", q.id, q.start_on AS "startOn",
         q.end_on AS "endOn", q.charges, q.plan, q.policy_locator AS "policyLocator"
    FROM partner_quote_packages p
    JOIN partner_quotes q ON q.tenant_id = p.tenant_id AND q.package_id = p.id
   WHERE p.tenant_id = $1 AND p.id = $2 AND p.partner_id = $3
   ORDER BY q.position`;

const BOOK = `UPDATE partner_quote_packages SET booked_at = $3 WHERE tenant_id = $1 AND id = $2`;

const BOOK_QUOTES = `
  UPDATE partner_quotes q SET plan = n.plan, policy_locator = n.policy_locator
    FROM unnest($2::uuid[], $3::text[], $4::uuid[]) AS n (id, plan, policy_locator)
   WHERE q.tenant_id = $1 AND q.id = n.id`;

@Injectable()
export class QuotePackageRepository {
  async insert(tx: Tx, { tenantId, id, partnerId, currency, quotes, createdAt }: QuotePackage): Promise<void> {
    await Promise.all([
      tx.execute(INSERT, [tenantId, id, partnerId, currency, createdAt]),
      tx.execute(INSERT_QUOTES, [
        tenantId,
        id,
        quotes.map((quote) => quote.id),
        quotes.map(({ startOn }) => startOn),
        quotes.map(({ endOn }) => endOn),
        quotes.map(({ charges }) => JSON.stringify(charges.map(wireOf))),
      ]),
    ]);
  }

  async find(tx: Tx, { tenantId, partnerId }: PartnerKey, id: string): Promise<QuotePackage | null> {
    return packageOf(await tx.query<Row>(FIND, [tenantId, id, partnerId]), { tenantId, partnerId, id });
  }

  /** Held until the transaction ends, so that it is booked once. */
  async lock(tx: Tx, { tenantId, partnerId }: PartnerKey, id: string): Promise<QuotePackage | null> {
    // One round trip: the second statement sees what the lock waited for.
    const values = [tenantId, id, partnerId];
    const [, rows] = await Promise.all([tx.query(LOCK, values), tx.query<Row>(FIND, values)]);
    return packageOf(rows, { tenantId, partnerId, id });
  }

  /** The caller has locked it. */
  async book(tx: Tx, { tenantId, id, quotes }: QuotePackage, bookedAt: Date): Promise<void> {
    const booked = quotes.flatMap((quote) => (quote.booked ? [{ id: quote.id, ...quote.booked }] : []));
    await Promise.all([
      tx.execute(BOOK, [tenantId, id, bookedAt]),
      tx.execute(BOOK_QUOTES, [
        tenantId,
        booked.map((quote) => quote.id),
        booked.map(({ plan }) => plan),
        booked.map(({ policyLocator }) => policyLocator),
      ]),
    ]);
  }
}

function packageOf(rows: readonly Row[], key: PartnerKey & { id: string }): QuotePackage | null {
  const [first] = rows;
  if (!first) return null;
  const { currency, createdAt, bookedAt } = first;
  const quotes = rows.map(({ id, startOn, endOn, charges, plan, policyLocator }) => ({
    ...{ id, startOn, endOn, charges: charges.map(chargeOf) },
    booked: plan !== null && policyLocator !== null ? { plan, policyLocator } : null,
  }));
  return { ...key, currency, createdAt, bookedAt, quotes };
}

function wireOf({ amountMinor, ...charge }: Charge): WireCharge {
  return { ...charge, amountMinor: String(amountMinor) };
}

function chargeOf({ amountMinor, ...charge }: WireCharge): Charge {
  return { ...charge, amountMinor: BigInt(amountMinor) };
}
