// A mailer: hears `receipt.issued`, reads the receipt over the API and writes one mail for each, as a file.
//
// It takes messages from a durable, so what is issued while it is away is mailed when it comes back. A message may come
// twice; the mail of a receipt is one file by the receipt's id, so it is there once. A mail is acknowledged when it is
// written: a crash before that writes it again.
import fs from 'node:fs';
import path from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { mailOf } from './mail.mjs';

const RETRY_MS = 5_000;

/** From the environment, or from the stack that `npm start` runs. */
function settings(env = process.env) {
  const file = env.STACK_FILE ?? '.quittance/stack.json';
  const stack = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { tenants: [] };
  const [tenant = {}] = stack.tenants;
  const found = {
    natsUrl: env.NATS_URL ?? stack.natsUrl,
    gatewayUrl: env.GATEWAY_URL ?? stack.gatewayUrl,
    clientId: env.CLIENT_ID ?? tenant.clientId,
    clientSecret: env.CLIENT_SECRET ?? tenant.clientSecret,
    tenantId: env.TENANT_ID ?? tenant.id,
    durable: env.DURABLE ?? 'demo',
    folder: env.MAIL_FOLDER ?? 'mail',
  };
  const missing = Object.keys(found).filter((name) => found[name] === undefined);
  if (missing.length > 0) throw new Error(`no ${missing.join(', ')}: start a stack, or set the environment`);
  return found;
}

/** A receipt in the form that is asked for; null when there is none for us. */
async function receipt({ gatewayUrl, clientId, clientSecret }, id, accept) {
  const headers = { 'x-client-id': clientId, 'x-client-secret': clientSecret, accept };
  const answer = await fetch(`${gatewayUrl}/receipts/${id}`, { headers });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`GET /receipts/${id}: ${answer.status}`);
  return answer;
}

async function mail(own, { receiptId }) {
  const data = await receipt(own, receiptId, 'application/json');
  const pdf = await receipt(own, receiptId, 'application/pdf');
  if (!data || !pdf) return;
  const text = mailOf(await data.json(), Buffer.from(await pdf.arrayBuffer()));
  const file = path.join(own.folder, `${receiptId}.eml`);
  fs.writeFileSync(`${file}.part`, text);
  fs.renameSync(`${file}.part`, file);
  console.log(`mailed ${file}`);
}

async function handle(own, message) {
  if (message.subject !== 'receipt.issued') return message.ack();
  const { tenantid, data } = message.json();
  if (tenantid !== own.tenantId) return message.ack();
  try {
    await mail(own, data);
    message.ack();
  } catch (error) {
    console.error(String(error));
    message.nak(RETRY_MS);
  }
}

const own = settings();
fs.mkdirSync(own.folder, { recursive: true });
const { host, username, password } = new URL(own.natsUrl);
const connection = await connect({ servers: host, user: username, pass: password, name: 'mailer' });
const consumer = await jetstream(connection).consumers.get('PAYMENTS', own.durable);
const messages = await consumer.consume();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => messages.close());
console.log(`mailing receipts to ${path.resolve(own.folder)}`);
for await (const message of messages) await handle(own, message);
await connection.drain();
