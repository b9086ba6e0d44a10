import fs from 'node:fs';
import path from 'node:path';
import { root } from '../processes.mjs';
import { databaseUrlFor } from '../stack-env.mjs';

/** Where the commands find the broker and the databases: by the environment, else in the stack that runs here. */
export interface Access {
  /** The provisioner's. */
  natsUrl: string;
  /** Of `<service>_worker`. */
  workerUrl(service: string): string;
}

/** NATS_URL and <SERVICE>_WORKER_URL, or the files of a running `npm start`. */
export function accessFrom(env: NodeJS.ProcessEnv): Access {
  const local = localStack(env);
  const required = (name: string, value: string | undefined) => {
    if (!value) throw new Error(`${name} is not set, and no stack is running here`);
    return value;
  };
  return {
    natsUrl: required('NATS_URL', env['NATS_URL'] ?? local?.natsUrl),
    workerUrl: (service) => {
      const name = `${service.toUpperCase()}_WORKER_URL`;
      return required(name, env[name] ?? local?.workerUrl(service));
    },
  };
}

function localStack(env: NodeJS.ProcessEnv): Access | undefined {
  const stackFile = env['STACK_FILE'] ?? path.join(root, '.quittance/stack.json');
  const secretsFile = path.join(env['DATA_DIR'] ?? path.join(root, '.data'), 'secrets.json');
  if (!fs.existsSync(stackFile) || !fs.existsSync(secretsFile)) return undefined;
  const stack = JSON.parse(fs.readFileSync(stackFile, 'utf8')) as { natsUrl: string; databaseUrl: string };
  const secrets = JSON.parse(fs.readFileSync(secretsFile, 'utf8')) as Record<'nats' | 'roles', Record<string, string>>;
  return {
    natsUrl: databaseUrlFor(stack.natsUrl, 'provisioner', secrets.nats['provisioner'] ?? ''),
    workerUrl: (service) =>
      databaseUrlFor(stack.databaseUrl, `${service}_worker`, secrets.roles[`${service}_worker`] ?? ''),
  };
}
