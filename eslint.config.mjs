import js from '@eslint/js';
import { createProjectGraphAsync, readCachedProjectGraph } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

// Without a cached project graph the boundary rule only prints a line and then checks nothing: make the graph first.
try {
  readCachedProjectGraph();
} catch {
  await createProjectGraphAsync({ exitOnError: true });
}

const apps = ['gateway', 'payments', 'billing', 'reconciliation', 'webhooks', 'console', 'e2e'];
const specs = ['**/*.spec.ts'];
const integration = ['**/*.itest.ts', 'apps/e2e/**/*.ts', 'libs/testing/**/*.ts'];
// Written as a receiver would, by the package's name and with a framework; no part of what is built.
const recipes = 'libs/webhook-verifier/src/recipes/**/*.ts';
const tests = [...specs, '**/*.itest.ts', '**/*.e2e.ts', '**/*.contract.ts', recipes];

/* Between projects: who may import whom. `also` is granted to every project, `bans` holds for outside packages. */
function boundaries({ also = [], bans = true, allow = [], allowCircularSelfDependency = false }) {
  const may = (sourceTag, tags, bannedExternalImports = []) => ({
    sourceTag,
    onlyDependOnLibsWithTags: [...tags, ...also],
    ...(bans ? { bannedExternalImports } : {}),
  });
  const depConstraints = [
    may('type:app', ['type:kit', 'type:contract', 'type:pure']),
    may('type:kit', ['type:contract', 'type:pure']),
    may('type:contract', ['type:pure'], ['@nestjs/*', 'typeorm', 'pg', '@nats-io/*']),
    may('type:pure', ['type:pure'], ['*']),
    may('type:test', ['type:kit', 'type:contract', 'type:pure']),
    may('type:e2e', ['type:test', 'type:contract', 'type:pure']),
    ...apps.map((owner) => ({
      sourceTag: `scope:${owner}`,
      onlyDependOnLibsWithTags: [`scope:${owner}`, 'scope:shared'],
    })),
    { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
  ];
  // The testing library starts what it helps to test, so the libraries below it meet it again in their own tests.
  const ignoredCircularDependencies = also.includes('type:test')
    ? ['service-kit', 'events', 'money'].map((below) => [`@quittance/${below}`, '@quittance/testing'])
    : [];
  const options = { allow, allowCircularSelfDependency, depConstraints, ignoredCircularDependencies };
  return { '@nx/enforce-module-boundaries': ['error', { ...options, enforceBuildableLibDependency: false }] };
}

/* Inside a project: a file's kind, read off its name, says what it may import. */
const banned = (regex, message, options = {}) => ({ regex, message, ...options });
// An app has no exports, so the boundary rule cannot resolve an import of one and lets it pass: forbid the names.
const appNames = banned(`^@quittance/(${apps.join('|')})(/|$)`, 'apps never import apps');
const kinds = (...names) => `\\.(${names.join('|')})\\.ts$`;
const typeormValues = banned('^typeorm(/|$)', 'SQL and mappings live in repositories, entities and migrations', {
  allowTypeImports: true,
});
const database = banned('^(typeorm|pg)(/|$)', 'this kind of file does not know the database');
const broker = banned('^@nats-io/', 'the broker is spoken to by the service kit');
const nodeProcess = banned('^(node:)?process$', 'only config.ts, main.ts and commands touch the process');
const sandbox = banned('/sandbox/', 'the sandbox provider is another process: speak to it over HTTP', {
  allowTypeImports: true,
});
const not = (message, ...names) => banned(kinds(...names), message);

const imports = (...patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] });
const service = (...patterns) => imports(nodeProcess, sandbox, ...patterns);
const only = (allowed, message) => imports(banned(`^(?!${allowed})`, message));

// One glob a kind, and no file in two of them: ESLint takes the last setting of a rule, it does not add them up.
const importsByKind = {
  controller: service(database, broker, not('a controller calls a service', 'entity', 'repository', 'worker')),
  consumer: service(database, broker, not('a consumer calls a service', 'entity', 'repository', 'dto', 'controller')),
  worker: service(database, broker, not('a worker claims, works and records', 'entity', 'dto', 'controller')),
  service: service(
    typeormValues,
    broker,
    banned('^fastify', 'a service does not know HTTP'),
    not('a service knows neither HTTP nor NATS', 'dto', 'controller', 'consumer', 'worker'),
  ),
  repository: service(broker, not('a repository holds SQL', 'dto', 'controller', 'consumer', 'worker', 'service')),
  entity: service(broker, not('an entity maps', 'dto', 'controller', 'consumer', 'worker', 'service', 'repository')),
  dto: service(database, broker, not('a dto is a shape', 'entity', 'repository', 'service', 'controller')),
};
const special = ['apps/*/src/domain/**', 'apps/*/src/migrations/**', 'apps/*/src/sandbox/**', 'apps/e2e/**'];
// Where a process begins, and what it is told: the services' own and the operator's commands.
const entry = ['main', 'config', 'clients', 'api-keys', 'seed', 'verify-ledger'].map(
  (name) => `apps/*/src/**/${name}.ts`,
);

/* Sizes, and what a pure function may not do. One rule, so its lists are put together here. */
const syntax = (...restrictions) => ({ 'no-restricted-syntax': ['error', ...parameters, ...restrictions] });
const parameters = [
  'FunctionDeclaration[params.length>4]',
  'ArrowFunctionExpression[params.length>4]',
  "MethodDefinition[kind!='constructor'] > FunctionExpression[params.length>4]",
  'Property > FunctionExpression[params.length>4]',
].map((selector) => ({ selector, message: 'more than four parameters: pass an object' }));
parameters.push({
  selector: "MethodDefinition[kind='constructor'] > FunctionExpression[params.length>7]",
  message: 'more than seven dependencies: split the class',
});
const impure = [
  [':function[async=true]', 'does not wait'],
  ['AwaitExpression', 'does not wait'],
  ["NewExpression[callee.name='Date'][arguments.length=0]", 'does not read the clock: the time is an argument'],
  ["CallExpression[callee.name='Date']", 'does not read the clock: the time is an argument'],
  ["CallExpression[callee.object.name='Date'][callee.property.name='now']", 'does not read the clock'],
  ["CallExpression[callee.object.name='Math'][callee.property.name='random']", 'does not throw dice'],
  ['ImportExpression', 'imports nothing at run time'],
].map(([selector, why]) => ({ selector, message: `a pure function ${why}` }));
const effects = ['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'console', 'performance', 'crypto'];
const noGlobals = (...names) => ({ 'no-restricted-globals': ['error', ...names] });
const pure = { ...syntax(...impure), ...noGlobals(...effects) };

const nodeGlobals = `AbortController AbortSignal Buffer TextDecoder TextEncoder URL URLSearchParams clearInterval
  clearTimeout console crypto fetch performance process setImmediate setInterval setTimeout structuredClone`;

export default defineConfig(
  globalIgnores(['**/dist', '**/node_modules', '**/coverage', '.nx', '.data', '.cache', '.quittance']),
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.split(/\s+/).map((name) => [name, 'readonly'])) },
    rules: {
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/require-await': 'off',
      'no-restricted-imports': ['error', { patterns: [appNames] }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },

  { files: ['**/*.ts'], ignores: [...specs, ...integration, recipes], rules: boundaries({}) },
  { files: [recipes], rules: boundaries({ bans: false, allowCircularSelfDependency: true }) },
  { files: specs, ignores: ['libs/testing/**', 'apps/e2e/**'], rules: boundaries({ bans: false }) },
  {
    // Tests and the testing library start Postgres and NATS with the tools that `npm start` uses.
    files: integration,
    rules: boundaries({ also: ['type:test'], bans: false, allow: ['../../../tools/**'] }),
  },

  {
    files: ['**/*.ts'],
    ignores: tests,
    rules: { 'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['**/*.ts'],
    ignores: [...tests, 'apps/*/src/domain/**', 'libs/money/src/**'],
    rules: syntax(),
  },
  {
    files: ['apps/*/src/domain/**/*.ts'],
    ignores: tests,
    rules: { ...pure, ...only('\\./|@quittance/money/', 'domain/ is pure: siblings and @quittance/money only') },
  },
  {
    files: ['libs/money/src/**/*.ts'],
    ignores: tests,
    rules: { ...pure, ...only('\\./', '@quittance/money depends on nothing') },
  },
  {
    files: ['libs/events/src/**/*.ts'],
    ignores: tests,
    rules: {
      ...noGlobals(...effects),
      ...only('\\./|@quittance/money/|@sinclair/typebox', 'a contract depends on its schema library only'),
    },
  },

  ...Object.entries(importsByKind).map(([kind, rules]) => ({
    files: [`apps/*/src/**/*.${kind}.ts`],
    ignores: [...tests, ...special],
    rules,
  })),
  {
    files: ['apps/*/src/**/*.ts'],
    ignores: [...tests, ...special, ...entry, ...Object.keys(importsByKind).map((kind) => `**/*.${kind}.ts`)],
    rules: service(typeormValues),
  },
  {
    files: ['apps/*/src/sandbox/**/*.ts'],
    ignores: [...tests, ...entry],
    rules: imports(nodeProcess, database, broker),
  },
  {
    files: entry,
    ignores: special.filter((glob) => !glob.includes('sandbox')),
    rules: imports(database, broker),
  },
  {
    files: ['apps/*/src/**/*.ts'],
    ignores: [...tests, ...entry, 'apps/*/src/domain/**', 'apps/e2e/**'],
    rules: noGlobals({ name: 'process', message: 'only config.ts, main.ts and commands touch the process' }),
  },
  {
    files: ['libs/service-kit/src/**/*.ts'],
    ignores: [...tests, 'libs/service-kit/src/{config,telemetry}/**', 'libs/service-kit/src/bootstrap*.ts'],
    rules: {
      ...noGlobals({ name: 'process', message: 'only config/, telemetry/ and the bootstrap touch the process' }),
      ...imports(nodeProcess),
    },
  },
  { files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'], ignores: tests, rules: { 'no-console': 'error' } },

  {
    // A test reads answers as they come: their shape is what it asserts.
    files: [...tests, 'apps/e2e/**/*.ts', 'tools/**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  prettier,
);
