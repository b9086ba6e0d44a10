// The proof that the import rules are awake: each forbidden file is planted and must be reported by the rule meant for
// it; each allowed one must pass. A rule that is switched off, or skipped for want of a project graph, fails here.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Plant {
  path: string;
  code: string;
}
interface Verdict {
  path: string;
  rules: string[];
  messages: string[];
}

const root = path.resolve(import.meta.dirname, '..');
const projects = '@nx/enforce-module-boundaries';
const apps = 'no-restricted-imports';
const imports = '@typescript-eslint/no-restricted-imports';
const globals = 'no-restricted-globals';
const syntax = 'no-restricted-syntax';

function lint(plants: readonly Plant[], env: NodeJS.ProcessEnv = {}): Verdict[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, [path.join(root, 'tools/lint-text.mjs')], {
    cwd: root,
    input: JSON.stringify(plants),
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
  if (status !== 0) throw new Error(`the linter ended with ${status}: ${stderr}`);
  const skipped = stdout.split('\n').find((line) => line.includes('will be skipped'));
  if (skipped) throw new Error(skipped);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as Verdict[];
}

const use = (name: string, from: string) => `import { ${name} } from '${from}';\nexport const planted = ${name};\n`;
const payments = 'apps/payments/src';
const domain = `${payments}/domain/planted.ts`;

const forbidden: [why: string, rule: string, path: string, code: string][] = [
  ['an app imports an app', apps, `${payments}/planted.ts`, use('x', '@quittance/billing/main')],
  ['an app imports the testing library', projects, `${payments}/planted.ts`, use('x', '@quittance/testing/eventually')],
  [
    'a unit test imports the testing library',
    projects,
    `${payments}/planted.spec.ts`,
    use('x', '@quittance/testing/x'),
  ],
  ['a relative path leaves the project', projects, `${payments}/planted.ts`, use('x', '../../billing/src/main.ts')],
  [
    'a relative path enters a library',
    projects,
    `${payments}/planted.ts`,
    use('x', '../../../libs/money/src/money.ts'),
  ],
  ['a pure library imports a package', projects, 'libs/money/src/planted.ts', use('x', 'rxjs')],
  ['the verifier imports a package', projects, 'libs/webhook-verifier/src/planted.ts', use('x', 'rxjs')],
  ['a pure library imports Node', imports, 'libs/money/src/planted.ts', use('x', 'node:fs')],
  ['a pure library imports the kit', projects, 'libs/money/src/planted.ts', use('x', '@quittance/service-kit/clock')],
  ['a contract imports a driver', projects, 'libs/events/src/planted.ts', use('x', 'pg')],
  ['a contract imports the kit', projects, 'libs/events/src/planted.ts', use('x', '@quittance/service-kit/clock')],
  [
    'the kit imports the testing library',
    projects,
    'libs/service-kit/src/planted.ts',
    use('x', '@quittance/testing/x'),
  ],
  ['the kit imports an app', apps, 'libs/service-kit/src/planted.ts', use('x', '@quittance/billing/main')],
  ['the kit reads the environment', globals, 'libs/service-kit/src/planted.ts', 'export const x = process.env.X;\n'],
  ['an end-to-end test imports an app', apps, 'apps/e2e/src/planted.e2e.ts', use('x', '@quittance/billing/main')],
  [
    'an end-to-end test imports the kit',
    projects,
    'apps/e2e/src/planted.e2e.ts',
    use('x', '@quittance/service-kit/id'),
  ],

  ['the domain imports typeorm', imports, domain, use('EntitySchema', 'typeorm')],
  ['the domain imports a type of typeorm', imports, domain, "export type { DataSource } from 'typeorm';\n"],
  ['the domain imports an event', imports, domain, use('x', '@quittance/events/envelope')],
  ['the domain imports the kit', imports, domain, use('x', '@quittance/service-kit/clock')],
  ['the domain imports Node', imports, domain, use('randomUUID', 'node:crypto')],
  ['the domain imports its service', imports, domain, use('x', '../payments/payments.service.ts')],
  ['the domain is async', syntax, domain, 'export async function f(): Promise<void> {}\n'],
  ['the domain imports at run time', syntax, domain, "export const f = () => import('./other.ts');\n"],
  ['the domain reads the clock', syntax, domain, 'export const now = () => new Date();\n'],
  ['the domain reads Date.now', syntax, domain, 'export const now = () => Date.now();\n'],
  ['the domain defaults to the clock', syntax, domain, 'export const f = (at = Date.now()) => at;\n'],
  ['the domain throws dice', syntax, domain, 'export const dice = () => Math.random();\n'],
  ['the domain touches the process', globals, domain, 'export const x = process.env.X;\n'],
  ['the domain calls out', globals, domain, "export const x = () => fetch('http://127.0.0.1');\n"],
  ['the domain prints', globals, domain, "console.log('x');\n"],

  ['a service imports a dto', imports, `${payments}/a/p.service.ts`, use('x', './payment.dto.ts')],
  ['a service imports a controller', imports, `${payments}/a/p.service.ts`, use('x', './payments.controller.ts')],
  ['a service imports the broker', imports, `${payments}/a/p.service.ts`, use('connect', '@nats-io/transport-node')],
  ['a service writes SQL', imports, `${payments}/a/p.service.ts`, use('DataSource', 'typeorm')],
  ['a controller imports a repository', imports, `${payments}/a/p.controller.ts`, use('x', './payment.repository.ts')],
  ['a controller imports an entity', imports, `${payments}/a/p.controller.ts`, use('x', './payment.entity.ts')],
  ['a controller imports typeorm', imports, `${payments}/a/p.controller.ts`, use('DataSource', 'typeorm')],
  ['a consumer imports a repository', imports, `${payments}/a/p.consumer.ts`, use('x', '../a/payment.repository.ts')],
  ['a consumer imports a dto', imports, `${payments}/a/p.consumer.ts`, use('x', '../a/payment.dto.ts')],
  ['a worker imports an entity', imports, `${payments}/a/p.worker.ts`, use('x', './payment.entity.ts')],
  ['a repository imports a service', imports, `${payments}/a/p.repository.ts`, use('x', './payments.service.ts')],
  ['a dto imports an entity', imports, `${payments}/a/p.dto.ts`, use('x', './payment.entity.ts')],
  ['a module imports typeorm', imports, `${payments}/payments.module.ts`, use('DataSource', 'typeorm')],
  ['the service imports its sandbox', imports, `${payments}/a/p.service.ts`, use('x', '../sandbox/store.ts')],
  ['the sandbox imports the database', imports, `${payments}/sandbox/store.ts`, use('Pool', 'pg')],

  ['the process outside the config', globals, `${payments}/a/p.service.ts`, 'export const x = process.env.X;\n'],
  ['the process in a worker', globals, `${payments}/a/p.worker.ts`, 'export const x = process.pid;\n'],
  ['the process by import', imports, `${payments}/planted.ts`, use('env', 'node:process')],
  ['a log past the logger', 'no-console', `${payments}/planted.ts`, "console.log('x');\n"],

  ['five parameters', syntax, `${payments}/planted.ts`, 'export const f = (a, b, c, d, e) => [a, b, c, d, e];\n'],
  ['five parameters in the domain', syntax, domain, 'export const f = (a, b, c, d, e) => [a, b, c, d, e];\n'],
  ['a function past the screen', 'max-lines-per-function', domain, `export function f() {\n${'f();\n'.repeat(60)}}\n`],
];

const allowed: [what: string, path: string, code: string][] = [
  ['an app imports the kit', `${payments}/planted.ts`, use('x', '@quittance/service-kit/clock')],
  ['an app imports a contract', `${payments}/planted.ts`, use('x', '@quittance/events/envelope')],
  ['an integration test imports the testing library', `${payments}/p.itest.ts`, use('x', '@quittance/testing/x')],
  ['an end-to-end test does too', 'apps/e2e/src/planted.e2e.ts', use('x', '@quittance/testing/x')],
  ["the kit's integration test does too", 'libs/service-kit/src/p.itest.ts', use('x', '@quittance/testing/x')],
  ['a pure library is tested with a package', 'libs/money/src/planted.spec.ts', use('x', 'fast-check')],
  ['a recipe uses its framework', 'libs/webhook-verifier/src/recipes/planted.ts', use('fastify', 'fastify')],
  ['the domain imports money and a sibling', domain, use('x', '@quittance/money/money') + "export * from './b.ts';\n"],
  ['the domain makes a date of an argument', domain, 'export const f = (at) => new Date(at);\n'],
  ['a repository uses typeorm', `${payments}/a/p.repository.ts`, use('In', 'typeorm')],
  ['an entity uses typeorm', `${payments}/a/p.entity.ts`, use('EntitySchema', 'typeorm')],
  ['a migration uses typeorm', `${payments}/migrations/1-create.ts`, use('Table', 'typeorm')],
  ['a controller imports its dto and service', `${payments}/a/p.controller.ts`, use('x', './p.dto.ts')],
  ['a worker imports the repository it claims from', `${payments}/a/p.worker.ts`, use('x', './p.repository.ts')],
  ['the config reads the environment', `${payments}/config.ts`, 'export const x = process.env.X;\n'],
  ["an operator's command reads its arguments", 'apps/gateway/src/clients.ts', 'export const x = process.argv;\n'],
  ["the sandbox's main touches the process", `${payments}/sandbox/main.ts`, 'export const x = process.env.X;\n'],
];

let verdicts: Map<string, Verdict>;
const key = (file: string, code: string) => `${file}\n${code}`;

beforeAll(() => {
  const plants = [...forbidden.map(([, , file, code]) => ({ path: file, code }))];
  plants.push(...allowed.map(([, file, code]) => ({ path: file, code })));
  const results = lint(plants);
  verdicts = new Map(plants.map((plant, i) => [key(plant.path, plant.code), results[i]!]));
});

it.each(forbidden)('refuses: %s (%s)', (_, rule, file, code) => {
  expect(verdicts.get(key(file, code))?.rules).toContain(rule);
});

it.each(allowed)('allows: %s', (_, file, code) => {
  expect(verdicts.get(key(file, code))?.messages).toEqual([]);
});

it('still refuses when no project graph was cached: the rule would skip itself silently', () => {
  const empty = mkdtempSync(path.join(tmpdir(), 'no-graph-'));
  try {
    const plant = { path: `${payments}/planted.ts`, code: use('x', '@quittance/testing/eventually') };
    const [verdict] = lint([plant], { NX_WORKSPACE_DATA_DIRECTORY: empty });
    expect(verdict?.rules).toContain(projects);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
});
