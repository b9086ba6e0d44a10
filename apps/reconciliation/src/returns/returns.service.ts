import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { codeRule } from '../domain/ach-return.ts';
import type { Finding } from '../domain/exception.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import type { ExceptionRow } from '../exceptions/exception.repository.ts';
import { ItemRepository } from '../matching/item.repository.ts';
import type { NachaFile } from '../nacha/nacha-file.ts';
import { itemsOfFile } from './ach-items.ts';
import { changeEvent, returnEvent } from './return-event.ts';
import { returnsOf } from './return-item.ts';
import type { FoundReturn, ReturnContext } from './return-item.ts';
import { ReturnRepository } from './return.repository.ts';
import type { ReturnPage } from './return.repository.ts';

/** A payment that was just heard of, by the trace number of its ACH entry. */
export interface TracedPayment {
  readonly tenantId: string;
  readonly locator: string;
  readonly achTrace: string;
  readonly cause: QuittanceEvent;
}

/**
 * What banks sent back becomes facts: each once, by the trace of the original entry, the code and the date, in however
 * many files it stands. Payments takes the money back; nothing is booked here.
 */
@Injectable()
export class ReturnsService {
  constructor(
    private readonly returns: ReturnRepository,
    private readonly items: ItemRepository,
    private readonly exceptions: ExceptionRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async store(tx: Tx, of: ReturnContext, file: NachaFile) {
    const found = await this.returns.insert(tx, returnsOf(file, of, newId), of.now);
    await this.items.add(tx, itemsOfFile(of, file, found));
    const changed = found
      .filter(({ kind }) => kind === 'change')
      .flatMap(({ paymentLocator: locator }) => locator ?? []);
    const methods = await this.returns.methodsOf(tx, of.tenantId, changed);
    await this.outbox.append(
      tx,
      found.flatMap((each) => [...returnEvent(each, of.now), ...changeEvent(each, methods, of.now)]),
    );
    const exceptions: ExceptionRow[] = await this.exceptions.open(tx, found.flatMap(findingsOf), of.now);
    return { found, exceptions };
  }

  /** The payment of a return that came before it, or was not known to be one of ours. */
  async matchLate(tx: Tx, payments: readonly TracedPayment[]): Promise<void> {
    const found = await this.returns.matchLate(tx, payments);
    if (found.length === 0) return;
    const now = this.clock.now();
    const causes = new Map(payments.map(({ locator, cause }) => [locator, cause]));
    await this.outbox.append(
      tx,
      found.flatMap((each) => returnEvent(each, now, causes.get(each.paymentLocator ?? ''))),
    );
    await this.exceptions.close(tx, found.map(subjectOf), ['return_unmatched'], now);
  }

  page(tx: Tx, page: ReturnPage): Promise<FoundReturn[]> {
    return this.returns.page(tx, page);
  }
}

const subjectOf = ({ tenantId, id }: FoundReturn) => ({ tenantId, subject: { type: 'return_item', id } });

function findingsOf(found: FoundReturn): Finding[] {
  const { code, kind, originalTrace, amount: minor, currency, direction } = found;
  const about = { ...subjectOf(found), amount: { minor, currency } };
  const movesMoney = kind !== 'enrolment' && kind !== 'change';
  const what = direction === 'debit' ? 'No payment is known' : 'No money that was paid out is known';
  const unmatched = `${what} for the entry ${originalTrace} that came back with ${code}.`;
  return [
    ...(movesMoney && found.paymentLocator === null
      ? [{ ...about, type: 'return_unmatched' as const, detail: unmatched }]
      : []),
    ...(codeRule(code).isKnown
      ? []
      : [
          {
            ...about,
            type: 'unknown_return_code' as const,
            detail: `The code ${code} is in no table of return codes.`,
          },
        ]),
  ];
}
