import { addMonths, anchorDay } from '../domain/calendar.ts';
import type { ItemPart } from '../domain/invoice.ts';
import { rules } from './rules.ts';
import type { Rules } from './rules.ts';

/** Mistakes that can be planted, each of which the invariants must find: what takes the place of which function. */
export const bugs = {
  'a lost cent in a split': {
    planSchedule: (...of) => {
      const planned = rules.planSchedule(...of);
      const [first, ...rest] = planned.instalments;
      const [line, ...lines] = first!.lines;
      const amountMinor = first!.amountMinor - 1n;
      const short = { ...first!, amountMinor, lines: [{ ...line!, amountMinor: line!.amountMinor - 1n }, ...lines] };
      return { ...planned, instalments: [short, ...rest] };
    },
  },
  'the odd cents last': {
    planSchedule: (charges, plan, term) =>
      rules.planSchedule(charges, { ...plan, remainderPolicy: 'last_absorbs' }, term),
  },
  'a month added to the date before': {
    planSchedule: (charges, plan, request) => {
      const planned = rules.planSchedule(charges, plan, request);
      const months = plan.cadence.type === 'monthly' ? 1 : 3;
      let dueOn = request.term.start;
      const instalments = planned.instalments.map((each, n) => {
        if (n > 0) dueOn = addMonths(dueOn, months, anchorDay(dueOn));
        return { ...each, dueOn };
      });
      return { ...planned, instalments };
    },
  },
  'a recut that forgets negative lines': {
    buildRecut: (standing, laid, leads) => {
      const forgetful = laid.map((each) => ({
        ...each,
        lines: each.lines.filter(({ amountMinor }) => amountMinor > 0n),
      }));
      return rules.buildRecut(standing, forgetful, leads);
    },
  },
  'a credit forgotten on over-return': {
    cancel: (...of) => ({ ...rules.cancel(...of), credited: [] }),
  },
  'a cent more given back than was not earned': {
    cancel: (...of) => {
      const change = rules.cancel(...of);
      const [first, ...rest] = change.charges;
      if (!first || first.amountMinor >= 0n) return change;
      const more = { ...first, amountMinor: first.amountMinor - 1n };
      return {
        ...change,
        charges: [more, ...rest],
        credited: [...change.credited, { chargeId: first.id, amountMinor: -1n }],
      };
    },
  },
  'unearned rounded, and earned the rest': {
    earnedOf: (segment, on) => {
      const { coverage, amountMinor } = segment;
      const days = (Date.parse(coverage.end) - Date.parse(coverage.start)) / 86_400_000;
      const left = (Date.parse(coverage.end) - Date.parse(on)) / 86_400_000;
      if (segment.handling !== 'proratable' || left < 0 || left > days) return rules.earnedOf(segment, on);
      const twice = 2n * (amountMinor < 0n ? -amountMinor : amountMinor) * BigInt(left);
      const size = (twice + BigInt(days)) / (2n * BigInt(days));
      const unearnedMinor = amountMinor < 0n ? -size : size;
      return { earnedMinor: amountMinor - unearnedMinor, unearnedMinor };
    },
  },
  'an allocation above the balance': {
    allocate: (amountMinor, open, plan) => {
      const { invoices, unappliedMinor } = rules.allocate(amountMinor, open, plan);
      const [first, ...rest] = invoices;
      if (!first || unappliedMinor === 0n) return { invoices, unappliedMinor };
      const [item, ...items] = first.items as [ItemPart, ...ItemPart[]];
      const more = {
        ...first,
        amountMinor: first.amountMinor + 1n,
        items: [{ ...item, amountMinor: item.amountMinor + 1n }, ...items],
      };
      return { invoices: [more, ...rest], unappliedMinor: unappliedMinor - 1n };
    },
  },
  'an un-allocation that forgets the fund': {
    unallocate: (...of) => {
      const taken = rules.unallocate(...of);
      return taken && { ...taken, moved: { ...taken.moved, funds: [] } };
    },
  },
  'a reversal that leaves an allocation': {
    withdraw: (held, withdrawal, book) => rules.withdraw({ ...held, batches: held.batches.slice(1) }, withdrawal, book),
  },
  'paid through moved by a later payment': {
    progressOf: (book) => {
      const ends = book.changes().flatMap(({ now }) => (now.instalment?.state === 'paid' ? now.instalment : []));
      return book.progress().map((of) => {
        const own = ends.filter(({ scheduleId }) => scheduleId === of.id).map(({ periodEnd }) => periodEnd);
        return { ...of, paidThrough: [of.paidThrough ?? '', ...own].toSorted().at(-1) || null };
      });
    },
  },
  'money of another currency taken as ours': {
    destinationOf: (named, known) => rules.destinationOf(named, known, known.policy?.currency ?? ''),
  },
} satisfies Record<string, Partial<Rules>>;

export type Bug = keyof typeof bugs;

export const bugNames = Object.keys(bugs) as Bug[];

export function rulesWith(bug: Bug | null): Rules {
  return bug === null ? rules : { ...rules, ...bugs[bug] };
}
