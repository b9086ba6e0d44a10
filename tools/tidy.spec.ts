// The house style as a test: what a linter has no rule for. Each rule names the places that break it.
import { sourceFiles } from './source-files.ts';
import type { SourceFile } from './source-files.ts';

const all = sourceFiles();
const generated = /^(package-lock\.json|docs\/(api|events)\/|apps\/[^/]+\/schema\.sql|.*\/problem-texts\.ts)/;
const written = all.filter((file) => !generated.test(file.path));
const code = written.filter((file) => /\.(ts|tsx|mjs|js)$/.test(file.path));
const isTest = (file: SourceFile) => /\.(spec|itest|e2e|contract)\.ts$/.test(file.path);
const tests = code.filter(isTest);
const rules = /^tools\/(tidy|boundaries)\.spec\.ts$/; // these two name what they forbid

/** The places in `files` whose line matches, as path:line. */
function places(files: readonly SourceFile[], matches: RegExp | ((line: string) => boolean)): string[] {
  const hit = typeof matches === 'function' ? matches : (line: string) => matches.test(line);
  return files
    .filter((file) => !rules.test(file.path))
    .flatMap((file) => file.lines.flatMap((line, i) => (hit(line) ? [`${file.path}:${i + 1} ${line.trim()}`] : [])));
}

it('there is something to look at', () => {
  expect(code.length).toBeGreaterThan(20);
  expect(tests.length).toBeGreaterThan(4);
});

describe('sizes', () => {
  const longer = (files: readonly SourceFile[], most: number) =>
    files.filter((file) => file.lines.length - 1 > most).map((file) => `${file.path}: ${file.lines.length - 1} lines`);

  it('a source file has at most 400 lines', () => {
    expect(
      longer(
        code.filter((file) => !isTest(file)),
        400,
      ),
    ).toEqual([]);
  });

  it('a test file has at most 600 lines', () => {
    expect(longer(tests, 600)).toEqual([]);
  });

  it('a line has at most 120 characters', () => {
    expect(places(code, (line) => [...line].length > 120)).toEqual([]);
  });
});

describe('names and words', () => {
  it('no unfinished business without the number of its issue', () => {
    expect(places(written, /\b(TODO|FIXME)\b(?!.*#\d)/)).toEqual([]);
  });

  it('no barrels: an import names the file it means', () => {
    expect(code.map((file) => file.path).filter((path) => /(^|\/)index\.[a-z]+$/.test(path))).toEqual([]);
    expect(places(code, /^export \* from/)).toEqual([]);
  });

  it('no folder for things that have no name', () => {
    const vague = /(^|\/)(common|shared|core|utils?|helpers?|misc)\//;
    expect(all.map((file) => file.path).filter((path) => vague.test(path))).toEqual([]);
  });

  it('instalment has one l, but where a dialect of others is spoken', () => {
    // Payment links have their document's words throughout, down to their events.
    const dialect = /\/dialects?\/|\.dialect\.|payment-link|pay-page/;
    const ours = written.filter((file) => !dialect.test(file.path));
    expect(places(ours, /installment/i)).toEqual([]);
  });

  it("no package registry's host", () => {
    const host = /https?:\/\/(registry|proxy|index|static|deb|files)\.|registry\.npmjs|crates\.io|pypi\.org/;
    expect(places(written, host)).toEqual([]);
    expect(
      places(
        all.filter((file) => file.path === 'package-lock.json'),
        /"resolved": "http/,
      ),
    ).toEqual([]);
  });

  it('no lint or type rule is switched off for a whole file, and none in silence', () => {
    expect(places(code, /@ts-nocheck|@ts-ignore|eslint-disable(?!-next-line .* -- )/)).toEqual([]);
  });
});

describe('tests', () => {
  it('none is skipped, focused or still to be written', () => {
    const idle = /\b(it|test|describe)(\.each)?\.(only|skip|todo|failing)\b|\b(x|f)(it|test|describe)\(/;
    expect(places(tests, idle)).toEqual([]);
  });

  it('none sleeps: a deadline is the testing library’s', () => {
    const asleep = /(?<!jest\.)\bsetTimeout\(|timers\/promises|\bsleep\(|\bdelay\(/;
    expect(places(tests, asleep)).toEqual([]);
  });

  it('each file asserts something', () => {
    const asserts = (file: SourceFile) => file.lines.some((line) => /\bexpect\(|fc\.assert\(/.test(line));
    // What a service's tests share has the suffix because it may import the testing library; it is no suite.
    const suites = tests.filter(({ path }) => !path.includes('/testing/'));
    expect(suites.filter((file) => !asserts(file)).map((file) => file.path)).toEqual([]);
  });

  it('ends in one of the three suffixes, so that a run finds it', () => {
    const others = code.filter((file) => /\.test\.[a-z]+$|\.(spec|itest|e2e)\.(mjs|js|tsx)$/.test(file.path));
    expect(others.map((file) => file.path)).toEqual([]);
  });
});
