import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { equityOf } from '../domain/equity.ts';
import type { Equity } from '../domain/equity.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { TermBookRepository } from './term-book.repository.ts';
import { TermBooksService } from './term-books.service.ts';
import { periodOf, segmentsOf } from './term-book.ts';

export interface PolicyEquity {
  readonly equity: Equity;
  readonly term: PolicyTerm;
  readonly currency: string;
  readonly today: string;
}

/** How far the premium that was paid carries a policy: information, never a bound on when it may end. */
@Injectable()
export class EquityService {
  constructor(
    private readonly books: TermBooksService,
    private readonly rows: TermBookRepository,
    private readonly time: TenantTime,
  ) {}

  /** Of the term that runs, else of the last. @returns null where there is no such policy */
  async find(tx: Tx, key: PolicyKey): Promise<PolicyEquity | null> {
    const open = await this.books.open(tx, key, await this.time.of(tx, [key.tenantId]));
    if (!open) return null;
    const { terms, today, policy } = open;
    const running = terms.findLast(
      ({ effectiveDate, expirationDate }) => effectiveDate <= today && today < expirationDate,
    );
    const term = running ?? terms.at(-1);
    if (!term) return null;
    const [book, paidMinor] = await Promise.all([
      this.books.ofTerm(tx, open, term),
      this.rows.premiumPaid(tx, key, term.number),
    ]);
    const on = today < term.expirationDate ? today : term.expirationDate;
    const equity = equityOf(segmentsOf(book), paidMinor, { term: periodOf(term), on });
    return { equity, term, currency: policy.currency, today };
  }
}
