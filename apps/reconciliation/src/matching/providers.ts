import type { Provider } from '@nestjs/common';
import { hundredths } from '../domain/hundredths.ts';
import { ItemRepository } from './item.repository.ts';
import { MatchListRepository } from './match-list.repository.ts';
import { MatchListsService } from './match-lists.service.ts';
import { MatchNews } from './match-news.service.ts';
import { MatchRepository } from './match.repository.ts';
import { MatchesService, MatchRules } from './matches.service.ts';
import { MatchingService } from './matching.service.ts';
import { ReconRunRepository } from './recon-run.repository.ts';
import { ReconRunsService } from './recon-runs.service.ts';
import { RuleRepository } from './rule.repository.ts';
import { RunMatchingWorker } from './run-matching.worker.ts';
import { RunRepository } from './run.repository.ts';
import { TellMatchesWorker } from './tell-matches.worker.ts';
import { ToldMatchRepository } from './told-match.repository.ts';

/** For the module: how sides are found at each other, by runs and by people. */
export function matchingProviders(config: { matchFourEyesAbove: string; matchDifferenceAbove: string }): Provider[] {
  const limits = {
    fourEyesAbove: hundredths(config.matchFourEyesAbove),
    differenceAbove: hundredths(config.matchDifferenceAbove),
  };
  return [
    { provide: MatchRules, useValue: { limits } },
    ...[ItemRepository, RuleRepository, ReconRunRepository, RunRepository, MatchingService, RunMatchingWorker],
    ...[ReconRunsService, MatchListsService],
    ...[MatchRepository, MatchListRepository, MatchNews, MatchesService, ToldMatchRepository, TellMatchesWorker],
  ];
}
