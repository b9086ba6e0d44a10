import { Injectable } from '@nestjs/common';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { ExceptionType } from '../domain/exception.ts';
import { DepositNews } from '../bank/deposit-news.service.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import { MatchListRepository } from './match-list.repository.ts';
import type { Item, Match } from './match.ts';

/** What people need not answer any more once two sides are found to be the same money. */
const ANSWERED: readonly ExceptionType[] = [
  ...(['amount_mismatch', 'era_without_eft', 'eft_without_era', 'deposit_unidentified'] as const),
];
/** Of very many sides so many are said. */
const SIDES_SAID = 100;

/** Says that sides were matched, or are open again, and closes what people were asked about them. */
@Injectable()
export class MatchNews {
  constructor(
    private readonly lists: MatchListRepository,
    private readonly deposits: DepositNews,
    private readonly exceptions: ExceptionRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Of one tenant. */
  async confirmed(tx: Tx, matches: readonly Match[], at: Date): Promise<void> {
    const [first] = matches;
    if (!first) return;
    const { tenantId } = first;
    const itemsOf = await this.itemsOf(tx, matches);
    await this.outbox.append(
      tx,
      matches.map((match) =>
        event(match.diffMinor === 0n ? 'match.confirmed' : 'match.forced', match, itemsOf(match), at),
      ),
    );
    const lines = matches.flatMap((match) => {
      const items = itemsOf(match);
      const batches = items.filter(({ source }) => source.type === 'settlement_batch').map(({ source }) => source.id);
      const found = items.filter(({ source }) => source.type === 'bank_line');
      return found.map(({ source }) => ({ tenantId, lineId: source.id, matchId: match.id, batches }));
    });
    await this.deposits.matched(tx, lines, at);
    const subjects = matches.flatMap((match) => itemsOf(match).map(({ source }) => ({ tenantId, subject: source })));
    await this.exceptions.close(tx, subjects, ANSWERED, at);
  }

  async reverted(tx: Tx, matches: readonly Match[], at: Date): Promise<void> {
    const itemsOf = await this.itemsOf(tx, matches);
    await this.outbox.append(
      tx,
      matches.map((match) => event('match.reverted', match, itemsOf(match), at)),
    );
  }

  private async itemsOf(tx: Tx, matches: readonly Match[]): Promise<(match: Match) => Item[]> {
    const ids = matches.flatMap(({ aItems, bItems }) => [...aItems, ...bItems]);
    const items = matches[0] ? await this.lists.items(tx, matches[0].tenantId, ids) : [];
    const byId = new Map(items.map((item) => [item.id, item]));
    return ({ aItems, bItems }) => [...aItems, ...bItems].flatMap((id) => byId.get(id) ?? []);
  }
}

function event(
  type: 'match.confirmed' | 'match.forced' | 'match.reverted',
  match: Match,
  items: readonly Item[],
  time: Date,
): NewEvent {
  const { tenantId, id, set, rule, score, amount, diffMinor: minor, diffReason, version } = match;
  const data = {
    ...{ matchId: id, set, rule, score, amount: toWire(amount), sides: items.length },
    ...(diffReason === null
      ? {}
      : { difference: toWire({ minor, currency: amount.currency }), differenceReason: diffReason }),
    items: items.slice(0, SIDES_SAID).map(({ side, source, amount: each }) => ({ side, source, amount: toWire(each) })),
  };
  return { type, tenantId, subject: id, sequence: version, data, time };
}
