import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@quittance/testing/eventually';
import { root } from '../../../tools/processes.mjs';
import { apiOf, stack } from './stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'quittance-mail-'));
const api = apiOf(stack.demo);

/** As its README starts it, told by the environment. */
async function whileMailing<T>(work: () => Promise<T>): Promise<T> {
  const { id, clientId, clientSecret } = stack.demo;
  const { natsUrl, gatewayUrl } = stack.info;
  const mailer = spawn(process.execPath, [join(root, 'docs/examples/mailer/mailer.mjs')], {
    env: {
      ...{ PATH: process.env['PATH'], NATS_URL: natsUrl, GATEWAY_URL: gatewayUrl, MAIL_FOLDER: folder },
      ...{ CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, TENANT_ID: id, STACK_FILE: 'none' },
    },
    stdio: 'inherit',
  });
  const ended = once(mailer, 'exit');
  try {
    return await work();
  } finally {
    mailer.kill();
    expect(await ended).toEqual([0, null]);
  }
}

async function pay(amount: number) {
  const paid = { amount, method: 'cash', receivedDate: '2025-01-14', policyLocator: 'mailed' };
  const { body: payment } = await api.post<{ locator: string }>('/payments', paid);
  const { body } = await api.get<{ items: { id: string; number: string }[] }>(
    `/receipts?paymentLocator=${payment.locator}`,
  );
  return body.items[0]!;
}
const fileOf = ({ id }: { id: string }) => join(folder, `${id}.eml`);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the mailer of the examples mails every receipt once, also those issued while it was away', async () => {
  const first = await whileMailing(async () => {
    const receipt = await pay(12.34);
    await eventually(() => existsSync(fileOf(receipt)), { timeoutMs: 30_000 });
    return receipt;
  });
  const missed = await pay(56.78);
  await whileMailing(() => eventually(() => existsSync(fileOf(missed)), { timeoutMs: 30_000 }));

  const mail = readFileSync(fileOf(first), 'utf8');
  expect(mail).toContain(`Subject: Receipt ${first.number}\r\n`);
  expect(mail).toContain(`Message-ID: <${first.id}@example.com>\r\n`);
  expect(mail).toContain('We received 12.34 USD on 2025-01-14.');
  const [, pdf = ''] = /filename="[^"]+\.pdf"\r\n\r\n([\s\S]+?)\r\n--/.exec(mail) ?? [];
  expect(Buffer.from(pdf, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
  expect(readdirSync(folder).filter((name) => !name.endsWith('.eml'))).toEqual([]);
});
