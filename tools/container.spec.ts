import { sourceFiles } from './source-files.ts';
import { nodeOptions } from './services.mjs';

const textOf = (path: string) =>
  sourceFiles()
    .find((file) => file.path === path)
    ?.lines.join('\n') ?? '';

it('the image runs Node with the options that the stack and the benchmark use, and compose leaves them', () => {
  expect(textOf('deploy/Dockerfile')).toContain(`ENV NODE_OPTIONS="${nodeOptions}"`);
  expect(textOf('docker-compose.yml')).not.toContain('NODE_OPTIONS');
});
