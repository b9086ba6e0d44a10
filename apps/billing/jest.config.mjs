import { integration } from '../../jest.preset.mjs';

export default {
  ...integration,
  displayName: 'billing',
  // Have the suffix of a test because only tests may import the testing library.
  testPathIgnorePatterns: ['/node_modules/', '/src/testing/', '/world\\.itest\\.ts$'],
};
