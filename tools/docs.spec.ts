// What the documentation names must exist: links, paths in backticks, npm scripts, and every code of a problem.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sourceFiles } from './source-files.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const documents = sourceFiles().flatMap(({ path: file }) =>
  /^(README\.md|docs\/.*\.md|apps\/[^/]+\/README\.md)$/.test(file) ? [{ file, text: read(file) }] : [],
);
const prose = (text: string): string => text.replace(/^ *```.*?^ *```/gms, '');
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);

/** The anchor that a heading gets. */
const anchors = (text: string): string[] =>
  matches(text, /^#+ (.+)$/gm).map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

function isBroken(from: string, link: string): boolean {
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? from : path.join(path.dirname(from), target);
  if (!existsSync(path.join(root, file))) return true;
  return anchor !== undefined && !anchors(read(file)).includes(anchor);
}

const tops = /^(apps|libs|tools|docs|deploy|\.ci)\//;
const fileName = /\.(ts|mjs|json|md|sql|yml|conf)$/;
/** A path with a placeholder or a wildcard stands for several files; `.data` and `.quittance` are made at run time. */
const isPath = (text: string): boolean =>
  /^[\w./-]+$/.test(text) &&
  text.includes('/') &&
  !/^(\/|\.data|\.quittance)/.test(text) &&
  (tops.test(text) || fileName.test(text));

/** A path is told from the root; a service's README leaves its own folder out, the walk what its rows share. */
function places(from: string, named: string): string[] {
  const [, app] = /^(apps\/[^/]+)\//.exec(from) ?? [];
  const own = app === undefined ? [] : [`${app}/${named}`, `${app}/src/${named}`];
  const walk =
    from === 'docs/ARCHITECTURE.md' ? [`apps/${named}`, named.replace(/^kit\//, 'libs/service-kit/src/')] : [];
  return [named, ...own, ...walk];
}

it('there is something to read', () => {
  expect(documents.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'docs/ARCHITECTURE.md']));
  expect(documents.length).toBeGreaterThan(20);
});

it('what is not there would be seen', () => {
  expect(['README.md', '#guarantees', 'docs/adr'].filter((link) => isBroken('README.md', link))).toEqual([]);
  const gone = ['docs/gone.md', '#gone', 'README.md#gone', '../README.md'];
  expect(gone.filter((link) => isBroken('README.md', link))).toEqual(gone);
  const paths = ['libs/gone', 'domain/gone.ts', 'gone.ts', '/payments/{locator}', 'application/json', '.data/logs'];
  expect(paths.filter(isPath)).toEqual(['libs/gone', 'domain/gone.ts']);
});

describe.each(documents.map(({ file, text }) => [file, text] as const))('%s', (file, text) => {
  it('links to what is there', () => {
    const links = matches(prose(text), /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
    expect(links.filter((link) => isBroken(file, link))).toEqual([]);
  });

  it('names files that are there', () => {
    const named = matches(prose(text), /`([^`\n]+)`/g)
      .map((span) => span.replace(/#\w+$/, ''))
      .filter(isPath);
    expect(named.filter((one) => !places(file, one).some((place) => existsSync(path.join(root, place))))).toEqual([]);
  });

  it('names scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const run = matches(text, /\bnpm run (?:-s )?([a-z][\w:-]*)/g);
    const bare = matches(text, /\bnpm (start|test)\b/g);
    expect([...run, ...bare].filter((script) => !(script in scripts))).toEqual([]);
  });
});

it('docs/problems.md has every code with its status, and no other', () => {
  const catalogues = sourceFiles().filter(({ path: file }) =>
    /^(apps\/[^/]+\/src\/problems|libs\/service-kit\/src\/http\/problem)\.ts$/.test(file),
  );
  const codes = catalogues.flatMap(({ lines }) =>
    [...lines.join('\n').matchAll(/^ {2}(\w+): \{ status: (\d+), title/gm)].map(
      ([, code, status]) => `${code} ${status}`,
    ),
  );
  const told = [...read('docs/problems.md').matchAll(/^\| `(\w+)` *\| (\d+)/gm)].map(([, code, is]) => `${code} ${is}`);
  expect(codes.length).toBeGreaterThan(30);
  // `not_found` and `invalid_transition` are said by services too, with the same status.
  expect([...new Set(told)].toSorted()).toEqual([...new Set(codes)].toSorted());
});
