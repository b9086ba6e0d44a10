// docs/metrics.md lists every metric that the code registers, and none that it does not.
import { sourceFiles } from './source-files.ts';

const all = sourceFiles();
const textOf = (path: string) => all.find((file) => file.path === path)?.lines.join('\n') ?? '';
const sources = all.filter(
  ({ path }) => /^(apps|libs)\/[^/]+\/src\/.*\.ts$/.test(path) && !/\.(spec|itest)\.ts$/.test(path),
);

/** `metrics.counter('name', …`, and the gauges that messaging/backlog.ts makes from a table of its own. */
const CALL = /\bmetrics\s*\.\s*(?<type>counter|gauge|histogram)(?:<[^>]*>)?\(\s*'(?<name>[a-z_]+)'/g;
const BACKLOG = /^\s*\[?'(?<name>[a-z]+_[a-z_]+)', '/gm;

function registered(): string[] {
  const calls = sources.flatMap(({ lines }) =>
    [...lines.join('\n').matchAll(CALL)].map(({ groups }) => `${groups!['name']} ${groups!['type']}`),
  );
  const backlog = [...textOf('libs/service-kit/src/messaging/backlog.ts').matchAll(BACKLOG)];
  return [...calls, ...backlog.map(({ groups }) => `${groups!['name']} gauge`)].sort();
}

const document = textOf('docs/metrics.md');
const listed = [...document.matchAll(/^\| `(?<name>[a-z_]+)` +\| (?<type>counter|gauge|histogram)/gm)];
const names = listed.map(({ groups }) => groups!['name']);

it('lists what the code registers, each under its type', () => {
  expect(registered().length).toBeGreaterThan(20);
  expect(listed.map(({ groups }) => `${groups!['name']} ${groups!['type']}`).sort()).toEqual(registered());
});

it('alarms by metrics that there are', () => {
  const alarms = document.slice(document.indexOf('## Alarms'));
  const used = [...alarms.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)].map(([name]) => name);
  expect(used.length).toBeGreaterThan(8);
  expect(used.filter((name) => !names.includes(name))).toEqual([]);
});
