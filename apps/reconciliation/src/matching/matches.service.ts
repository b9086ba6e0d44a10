import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { DomainError } from '../domain/errors.ts';
import { needsSecondPerson, weigh } from '../domain/manual-match.ts';
import type { DifferenceReason, MatchLimits } from '../domain/manual-match.ts';
import { setTraits } from '../domain/match-rules.ts';
import { MatchListRepository } from './match-list.repository.ts';
import { MatchNews } from './match-news.service.ts';
import { MatchRepository } from './match.repository.ts';
import type { Match } from './match.ts';
import { RunRepository } from './run.repository.ts';
import { ToldMatchRepository } from './told-match.repository.ts';

/** From when on two persons have to agree. */
export abstract class MatchRules {
  abstract readonly limits: MatchLimits;
}

export interface MatchWish {
  readonly tenantId: string;
  readonly actor: string;
  readonly items: readonly string[];
  readonly differenceReason: DifferenceReason | null;
  readonly note: string | null;
}
export interface Ending {
  readonly actor: string;
  readonly reason: string;
  /** The pair is not to be found again. */
  readonly reject: boolean;
}

/** Matches that people make and take back. Of a set they and the runs take turns. */
@Injectable()
export class MatchesService {
  constructor(
    private readonly matches: MatchRepository,
    private readonly lists: MatchListRepository,
    private readonly runs: RunRepository,
    private readonly news: MatchNews,
    private readonly told: ToldMatchRepository,
    private readonly rules: MatchRules,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError for items that are not there, not open, or do not come to the same */
  async create(tx: Tx, { tenantId, actor, items: wanted, differenceReason, note }: MatchWish): Promise<Match> {
    const ids = [...new Set(wanted)];
    await this.takeTurn(tx, tenantId, ids);
    const found = await this.matches.lockItems(tx, tenantId, ids);
    const balance = weigh(ids, found, differenceReason);
    const match: Match = {
      ...{ tenantId, id: newId(), set: found[0]!.set, rule: 'manual', score: 0, ...balance },
      ...{ state: needsSecondPerson(balance, this.rules.limits) ? 'proposed' : 'confirmed' },
      ...{ diffReason: differenceReason, version: 1, createdBy: actor, createdAt: this.clock.now() },
      ...{ confirmedBy: null, endedBy: null, endedAt: null, reason: note },
    };
    await this.matches.insert(tx, match);
    if (match.state === 'confirmed') await this.hold(tx, match);
    return match;
  }

  /** @throws DomainError when it is not proposed any more, for who proposed it, and of items that are not open now */
  async confirm(tx: Tx, match: Match, actor: string): Promise<Match> {
    if (match.state !== 'proposed') throw impossible(match);
    if (match.createdBy === actor) {
      throw new DomainError('approver_not_independent', 'Who proposed it cannot confirm it.');
    }
    const ids = [...match.aItems, ...match.bItems];
    await this.takeTurn(tx, match.tenantId, ids);
    weigh(ids, await this.matches.lockItems(tx, match.tenantId, ids), match.diffReason);
    const confirmed: Match = { ...match, state: 'confirmed', confirmedBy: actor };
    await this.matches.update(tx, confirmed);
    await this.hold(tx, confirmed);
    return confirmed;
  }

  /** Takes a match back, or declines one that waits. */
  async end(tx: Tx, match: Match, { actor, reason, reject }: Ending): Promise<Match> {
    const isHeld = match.state === 'confirmed';
    if (!isHeld && match.state !== 'proposed') throw impossible(match);
    const at = this.clock.now();
    if (await this.told.isUntold(tx, match)) await this.news.confirmed(tx, [match], at);
    const { tenantId, aItems, bItems } = match;
    const state = isHeld ? 'reverted' : 'declined';
    const version = match.version + (isHeld ? 1 : 0);
    const ended: Match = { ...match, state, version, endedBy: actor, endedAt: at, reason };
    await this.matches.update(tx, ended);
    if (reject) await this.matches.reject(tx, { tenantId, aItems, bItems, by: actor, reason, at });
    if (!isHeld) return ended;
    await this.takeTurn(tx, tenantId, [...aItems, ...bItems]);
    await this.matches.free(tx, ended);
    await this.news.reverted(tx, [ended], at);
    return ended;
  }

  lock(tx: Tx, tenantId: string, id: string): Promise<Match | null> {
    return this.matches.lock(tx, tenantId, id);
  }

  /** "No, not this one": it is offered no more. @returns whether there was one */
  async reject(tx: Tx, of: { tenantId: string; id: string; actor: string; reason: string }): Promise<boolean> {
    const dropped = await this.lists.dropSuggestion(tx, of.tenantId, of.id);
    if (!dropped) return false;
    const { tenantId, actor: by, reason } = of;
    await this.matches.reject(tx, { tenantId, ...dropped, by, reason, at: this.clock.now() });
    return true;
  }

  private async hold(tx: Tx, match: Match): Promise<void> {
    await this.matches.mark(tx, match);
    await this.news.confirmed(tx, [match], this.clock.now());
  }

  private async takeTurn(tx: Tx, tenantId: string, items: readonly string[]): Promise<void> {
    const [first] = await this.lists.items(tx, tenantId, items.slice(0, 1));
    if (!first) return;
    const { set } = first;
    if (await this.runs.lockSoon(tx, { tenantId, set, traits: setTraits[set] })) return;
    throw new DomainError('matching_busy', 'A run is looking at these items: come again in a moment.');
  }
}

const impossible = ({ state }: Match) =>
  new DomainError('invalid_transition', `The match is ${state}.`, {
    allowedActions: { proposed: ['confirm', 'unmatch'], confirmed: ['unmatch'], reverted: [], declined: [] }[state],
  });
