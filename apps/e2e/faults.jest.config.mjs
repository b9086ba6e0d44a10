import preset from '../../jest.preset.mjs';

/** A storm brings a stack of its own, so it runs apart from the suites that share one, and one after the other. */
export default {
  ...preset,
  displayName: 'faults',
  testMatch: ['<rootDir>/src/**/*.faults.ts'],
  maxWorkers: 1,
  testTimeout: 400_000,
};
