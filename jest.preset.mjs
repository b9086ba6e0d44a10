import { readFileSync } from 'node:fs';
const { $schema, sourceMaps, ...swc } = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/** Jest in native ESM mode: needs Node >= 24.9 and NODE_OPTIONS=--experimental-vm-modules (Nest 12 is ESM only). */
const preset = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@quittance/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [new URL(import.meta.resolve('@swc/jest')).pathname, { ...swc, sourceMaps: 'inline', swcrc: false }],
  },
  transformIgnorePatterns: ['/node_modules/'],
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/src/**/*.itest.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  setupFiles: ['reflect-metadata'],
  coverageProvider: 'v8',
};

export default preset;

/** For projects with .itest.ts files: one real Postgres and one real nats-server for the whole run. */
export const integration = {
  ...preset,
  globalSetup: new URL('./libs/testing/src/global-setup.mjs', import.meta.url).pathname,
  globalTeardown: new URL('./libs/testing/src/global-teardown.mjs', import.meta.url).pathname,
  testTimeout: 30_000,
};
