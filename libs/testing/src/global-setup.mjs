// Jest's globalSetup of the integration preset: one Postgres and one nats-server for the whole run, on free ports.
// Whoever sets TEST_PG_ADMIN_URL and TEST_NATS (as this file prints them into the environment) reuses running ones.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { startTestInfra } from '../../../tools/infra.mjs';
import { freePorts } from '../../../tools/ports.mjs';
import { root } from '../../../tools/processes.mjs';

export default async function setup() {
  process.env.TEST_RUN_ID = randomBytes(4).toString('hex');
  if (process.env.TEST_PG_ADMIN_URL && process.env.TEST_NATS) return;
  fs.mkdirSync(path.join(root, '.data'), { recursive: true });
  const dir = fs.mkdtempSync(path.join(root, '.data/test-'));
  fs.chmodSync(dir, 0o755);
  const [postgresPort, natsPort] = await freePorts(2);
  const { postgres, nats } = await startTestInfra({ dir, postgresPort, natsPort });
  process.env.TEST_PG_ADMIN_URL = postgres.url;
  const { config, passwords, binary, urls } = nats;
  process.env.TEST_NATS = JSON.stringify({ config, passwords, binary, urls });
  for (const [user, url] of Object.entries(urls)) process.env[`TEST_NATS_URL_${user.toUpperCase()}`] = url;
  globalThis.testInfra = { dir, postgres, nats };
}
