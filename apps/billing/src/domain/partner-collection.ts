import { DomainError } from './errors.ts';
import type { FieldProblem } from './errors.ts';
import type { InstalmentState } from './instalment.ts';

export const collectionOutcomes = ['paid', 'failed'] as const;
export type CollectionOutcome = (typeof collectionOutcomes)[number];

/** What a confirmation has to know of an instalment. */
export interface CollectedInstalment {
  readonly id: string;
  readonly number: number;
  readonly state: InstalmentState;
  readonly balanceMinor: bigint;
}

export interface BookedQuote<T extends CollectedInstalment = CollectedInstalment> {
  readonly id: string;
  /** In the order of their numbers. */
  readonly instalments: readonly T[];
}

/** A partner says that it tried to collect. */
export interface CollectionReport {
  readonly quoteId: string;
  readonly instalmentId: string;
  /** Null where it was not said. */
  readonly instalmentNumber: number | null;
  readonly outcome: CollectionOutcome;
}

export interface AcceptedReport<R extends CollectionReport, T extends CollectedInstalment> {
  readonly report: R;
  readonly instalment: T;
}

const open: ReadonlySet<InstalmentState> = new Set(['scheduled', 'billed', 'partially_paid']);

export function isOpenInstalment({
  state,
  balanceMinor,
}: Pick<CollectedInstalment, 'state' | 'balanceMinor'>): boolean {
  return open.has(state) && balanceMinor > 0n;
}

/** The one that a partner collects next, due or not: null when nothing is left to collect. */
export function nextToCollect<T extends CollectedInstalment>(instalments: readonly T[]): T | null {
  return instalments.find(isOpenInstalment) ?? null;
}

/**
 * Which instalment each report is about. They count in their order: the second of a quote may confirm what comes after
 * the first. All or none are taken.
 * @throws DomainError `unknown_instalment` where one names no instalment of the booking, every such place at once;
 * `instalment_not_next` where it is confirmed already, or an earlier one is not
 */
export function acceptReports<R extends CollectionReport, T extends CollectedInstalment>(
  quotes: readonly BookedQuote<T>[],
  reports: readonly R[],
): AcceptedReport<R, T>[] {
  const found = reports.map((report) => locate(quotes, report));
  const errors = found.flatMap((each, at) => ('fault' in each ? [fieldAt(at, each.fault)] : []));
  if (errors.length > 0) {
    throw new DomainError('unknown_instalment', 'There is no such instalment in this booking.', { errors });
  }
  const accepted = found.flatMap((each) => ('fault' in each ? [] : [each]));
  const confirmed = new Set<string>();
  accepted.forEach(({ quote, instalment, report }, at) => {
    assertNext(
      quote.instalments.filter(({ id }) => !confirmed.has(id)),
      instalment,
      at,
    );
    if (report.outcome === 'paid') confirmed.add(instalment.id);
  });
  return accepted.map(({ report, instalment }) => ({ report, instalment }));
}

type Fault = readonly [field: string, detail: string];

interface Located<R extends CollectionReport, T extends CollectedInstalment> extends AcceptedReport<R, T> {
  readonly quote: BookedQuote<T>;
}

function locate<R extends CollectionReport, T extends CollectedInstalment>(
  quotes: readonly BookedQuote<T>[],
  report: R,
): Located<R, T> | { readonly fault: Fault } {
  const quote = quotes.find(({ id }) => id === report.quoteId);
  if (!quote) return { fault: ['id', 'is no quote of this booking'] };
  const instalment = quote.instalments.find(({ id }) => id === report.instalmentId);
  if (!instalment) return { fault: ['instalment_id', 'is no instalment of this quote'] };
  const { number } = instalment;
  // Numbers count from 1: the 0 of the document's example is nobody's.
  if (report.instalmentNumber !== null && report.instalmentNumber !== number)
    return { fault: ['instalment_number', `is not the number of this instalment, which is ${number}`] };
  return { quote, instalment, report };
}

function fieldAt(at: number, [field, detail]: Fault): FieldProblem {
  return { pointer: `/quotes/${at}/${field}`, detail };
}

function assertNext(left: readonly CollectedInstalment[], instalment: CollectedInstalment, at: number): void {
  const next = nextToCollect(left);
  if (next?.id === instalment.id) return;
  const isLeft = left.some((each) => each.id === instalment.id && isOpenInstalment(each));
  const detail =
    isLeft && next
      ? `Instalment ${instalment.number} cannot be confirmed before instalment ${next.number}.`
      : `Instalment ${instalment.number} is not open: it is confirmed already, or nothing is owed on it.`;
  const errors = [{ pointer: `/quotes/${at}/instalment_id`, detail }];
  throw new DomainError('instalment_not_next', detail, { errors });
}
