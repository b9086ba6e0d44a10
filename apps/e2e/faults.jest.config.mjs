import preset from '../../jest.preset.mjs';

/** The storm brings a stack of its own, so it runs apart from the suites that share one. */
export default {
  ...preset,
  displayName: 'faults',
  testMatch: ['<rootDir>/src/**/*.faults.ts'],
  testTimeout: 400_000,
};
