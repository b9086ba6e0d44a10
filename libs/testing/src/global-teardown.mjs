import fs from 'node:fs';

export default async function teardown() {
  if (!globalThis.testInfra) return;
  const { dir, postgres, nats } = globalThis.testInfra;
  await Promise.all([postgres.process.stop(), nats.process.stop()]);
  for (const made of [dir, postgres.dir]) fs.rmSync(made, { recursive: true, force: true });
}
