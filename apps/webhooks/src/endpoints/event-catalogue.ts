import { catalogue, isEventType, partnerEventTypes } from '@quittance/events/catalogue';
import { channelKinds } from '../domain/channels.ts';
import { matchesType } from '../domain/event-pattern.ts';
import { isCustomPattern } from '../domain/message.ts';
import { PayloadVersions, subjectOf } from '../domain/payload-version.ts';
import type { DownConverters } from '../domain/payload-version.ts';

/** One for each version that is published no more while endpoints are pinned to it. None was withdrawn yet. */
const converters: DownConverters = {};

export const payloadVersions = new PayloadVersions(partnerEventTypes, converters);

export interface EventTypeView {
  readonly type: string;
  readonly summary: string;
  readonly schema: object;
  readonly example: unknown;
  readonly versions: readonly { readonly version: number; readonly deprecated: boolean }[];
  readonly channels: readonly string[];
}

/** What partners may subscribe to. Schema and example are those of the newest version. */
export const eventTypeViews: ReadonlyMap<string, EventTypeView> = new Map(
  payloadVersions.names.map((name) => [name, viewOf(name)]),
);

/** Whether a type or pattern of an endpoint stands for anything, of the platform's or of the tenant's own. */
export function isSubscribable(pattern: string): boolean {
  return isCustomPattern(pattern) || payloadVersions.names.some((name) => matchesType(pattern, name));
}

function viewOf(name: string): EventTypeView {
  const versions = payloadVersions.of(name);
  const newest = versions.at(-1) ?? 1;
  const subject = subjectOf({ name, version: newest });
  if (!isEventType(subject)) throw new Error(`the catalogue has no ${subject}`);
  const { summary, schema, sample } = catalogue[subject];
  return {
    ...{ type: name, summary, schema, example: sample },
    versions: versions.map((version) => ({ version, deprecated: version < newest })),
    channels: channelKinds(Object.keys((schema as { properties?: object }).properties ?? {})),
  };
}
