import fs from 'node:fs';

export default async function teardown() {
  const { stack, dataDir, collector, deaths } = globalThis.e2e;
  await stack.stop();
  await collector.stop();
  if (deaths.length > 0)
    throw new Error(`ended without having been told to (logs in ${dataDir}): ${deaths.join('\n')}`);
  if (process.env.E2E_KEEP) console.log(`data and logs are kept in ${dataDir}`);
  else fs.rmSync(dataDir, { recursive: true, force: true });
}
