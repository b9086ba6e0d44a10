// Every file that is generated from code: OpenAPI documents, event schemas, configuration, schema snapshots, the NATS
// configuration. A part of the repository that does not exist yet contributes nothing.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contractBreaks, eventDocs, eventDocsFolder } from '@quittance/events/documents';
import { configurationFiles } from './generate-config.ts';
import { openApiFiles } from './generate-openapi.ts';
import { problemFiles } from './generate-problems.ts';
import { schemaFiles } from './generate-schema.ts';
import type { Files } from './generated-files.ts';
import { natsConfig } from './nats-config.ts';
import { root } from './processes.mjs';

/** Folders that hold generated files only: what is not made any more is removed. */
const OWN_FOLDERS = [eventDocsFolder, 'docs/api'];

export async function generatedFiles(): Promise<Files> {
  const parts = [
    eventDocs(),
    { 'deploy/nats/nats.conf': natsConfig() },
    await configurationFiles(),
    await problemFiles(),
    await openApiFiles(),
    await schemaFiles(),
  ];
  return Object.assign({}, ...parts) as Files;
}

const read = (path: string): string | undefined => {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

function leftovers(files: Files): string[] {
  const present = OWN_FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  return present.filter((path) => path.endsWith('.json') && !(path in files));
}

/** What is committed and differs, one line a file. */
export function drift(files: Files): string[] {
  return [
    ...Object.entries(files).flatMap(([path, content]) => {
      const is = read(path);
      if (is === content) return [];
      return [is === undefined ? `${path} is missing` : `${path} differs`];
    }),
    ...leftovers(files).map((path) => `${path} is not generated any more`),
  ];
}

/** Writing over an event's committed schema would erase the proof that its contract broke. */
function refuseContractBreaks(): void {
  const folder = join(root, eventDocsFolder);
  if (!existsSync(folder)) return;
  const paths = readdirSync(folder).map((name) => `${eventDocsFolder}/${name}`);
  const breaks = contractBreaks(Object.fromEntries(paths.map((path) => [path, read(path) ?? ''])));
  if (breaks.length === 0 || process.argv.includes('--break-contracts')) return;
  const advice = 'a new major is a new subject; --break-contracts writes all the same';
  throw new Error(`event contracts would break (${advice}):\n  ${breaks.join('\n  ')}`);
}

async function main(): Promise<number> {
  const files = await generatedFiles();
  const differences = drift(files);
  if (process.argv.includes('--check')) {
    for (const line of differences) console.error(line);
    if (differences.length) console.error('run `npm run generate` and commit what it writes');
    return differences.length ? 1 : 0;
  }
  refuseContractBreaks();
  for (const [path, content] of Object.entries(files)) {
    if (read(path) === content) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    console.log(`wrote ${path}`);
  }
  for (const path of leftovers(files)) rmSync(join(root, path));
  console.log(`${Object.keys(files).length} files, ${differences.length} changed`);
  return 0;
}

if (import.meta.main)
  main().then(
    (code) => process.exit(code),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
