import preset from '../../jest.preset.mjs';

/** One whole stack for the run, on free ports; see src/stack.setup.mjs. */
export default {
  ...preset,
  displayName: 'e2e',
  testMatch: ['<rootDir>/src/**/*.e2e.ts'],
  globalSetup: '<rootDir>/src/stack.setup.mjs',
  globalTeardown: '<rootDir>/src/stack.teardown.mjs',
  testTimeout: 60_000,
};
