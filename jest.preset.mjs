import { readFileSync } from 'node:fs';
const { $schema, sourceMaps, ...swc } = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/** Jest in native ESM mode: needs Node >= 24.9 and NODE_OPTIONS=--experimental-vm-modules (Nest 12 is ESM only). */
export default {
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
