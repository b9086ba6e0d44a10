import { createHash } from 'node:crypto';
import { newId } from '@quittance/service-kit/id';
import { startPayments, scopes } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

interface Media {
  locator: string;
  name: string;
  contentType: string;
  size: number;
  sha256: string;
  masked: boolean;
  suspected: boolean;
}
interface Problem {
  code: string;
  errors?: object[];
}

const LIMIT = 256 * 1024;
const PAN = '4111111111111111';
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const pdf = (text = 'a cheque') => Buffer.from(`%PDF-1.4\n1 0 obj << /Title (${text}) >> endobj\n%%EOF\n`);
const sha256 = (bytes: Buffer | string, as: 'hex' | 'base64' = 'hex') => createHash('sha256').update(bytes).digest(as);

const tenantId = newId();
let payments: Payments;
let locator: string;

beforeAll(async () => {
  payments = await startPayments({ MEDIA_BYTES_MAX: String(LIMIT) });
});
afterAll(() => payments.stop());

beforeEach(async () => {
  locator = await newPayment();
});

async function newPayment(owner = tenantId): Promise<string> {
  const { body } = await (await payments.api(owner)).post<{ locator: string }>('/payments', { amount: '10.00' });
  return body.locator;
}

interface Call {
  method?: string;
  body?: NonNullable<RequestInit['body']>;
  headers?: Record<string, string>;
  tenant?: string;
  granted?: string[];
}

async function call(path: string, { tenant = tenantId, granted = scopes, headers = {}, ...init }: Call = {}) {
  const claims = { audience: 'payments', tenantId: tenant, scopes: granted, clientId: 'client', currency: 'USD' };
  const authorization = `Bearer ${await payments.issuer.mint(claims)}`;
  return fetch(`${payments.service.url}${path}`, { ...init, headers: { authorization, ...headers } });
}

const send = (bytes: Buffer | string, contentType: string, { query = '', headers = {} } = {}) =>
  call(`/payments/${locator}/media${query}`, {
    method: 'POST',
    body: Buffer.from(bytes),
    headers: { 'content-type': contentType, ...headers },
  });
const sendForm = (...parts: [field: string, value: Blob | string, name?: string][]) => {
  const form = new FormData();
  for (const [field, value, name] of parts) {
    if (typeof value === 'string') form.append(field, value);
    else form.append(field, value, name);
  }
  return call(`/payments/${locator}/media`, { method: 'POST', body: form });
};
const mediaOf = async (answer: Response): Promise<Media> => {
  expect(answer.status).toBe(201);
  return (await answer.json()) as Media;
};
const refusal = async (answer: Response) => {
  const { code, errors } = (await answer.json()) as Problem;
  return { status: answer.status, code, ...(errors ? { errors } : {}) };
};
const stored = async () => {
  const [row] = await payments.sql<{ n: number }>('SELECT count(*)::int AS n FROM media WHERE payment_id = $1', [
    locator,
  ]);
  return row?.n;
};
const download = (id: string, options: Call = {}) => call(`/payments/${locator}/media/${id}`, options);

describe('a file of a payment', () => {
  it.each([
    ['application/pdf', pdf()],
    ['image/png', png],
    ['text/csv', Buffer.from('name;amount\nMüller;10,00\n')],
  ])('%s is kept, shown with the payment and given back as it was', async (contentType, bytes) => {
    const media = await mediaOf(await send(bytes, contentType, { query: '?name=b%C3%A4r.x' }));
    expect(media).toMatchObject({
      ...{ name: 'bär.x', contentType, size: bytes.length, sha256: sha256(bytes), masked: false, suspected: false },
    });
    const api = await payments.api(tenantId);
    const shown = await api.get<{ mediaByLocator: object }>(`/payments/${locator}`);
    expect(shown.body.mediaByLocator).toEqual({ [media.locator]: media });
    const answer = await download(media.locator);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': contentType,
      'content-disposition': `attachment; filename="b_r.x"; filename*=UTF-8''b%C3%A4r.x`,
      'x-content-type-options': 'nosniff',
      etag: `"${media.sha256}"`,
    });
    const again = await download(media.locator, { headers: { 'if-none-match': `"${media.sha256}"` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('comes as the field of a form, too', async () => {
    const answer = await sendForm(['file', new Blob([png], { type: 'image/png' }), '../scan.png']);
    expect(await mediaOf(answer)).toMatchObject({ name: 'scan.png', contentType: 'image/png', sha256: sha256(png) });
  });

  it('with the same bytes is the same file, in one payment only', async () => {
    const first = await mediaOf(await send(png, 'image/png', { query: '?name=a.png' }));
    const parallel = await Promise.all([1, 2, 3].map(() => send(png, 'image/png', { query: '?name=b.png' })));
    for (const answer of parallel) expect(await mediaOf(answer)).toEqual(first);
    expect(await stored()).toBe(1);
    locator = await newPayment();
    expect((await mediaOf(await send(png, 'image/png'))).locator).not.toBe(first.locator);
  });

  it('is listed with a page of payments, each its own', async () => {
    const owner = newId();
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      locator = await newPayment(owner);
      const init = { method: 'POST', body: name, headers: { 'content-type': 'text/plain' }, tenant: owner };
      if (name !== 'two') ids.push((await mediaOf(await call(`/payments/${locator}/media`, init))).locator);
    }
    const api = await payments.api(owner);
    const { body } = await api.get<{ payments: { mediaByLocator: Record<string, Media> }[] }>('/payments');
    const listed = body.payments.map(({ mediaByLocator }) => Object.keys(mediaByLocator));
    expect(listed).toEqual([[ids[1]], [], [ids[0]]]);
  });

  it('is gone when it was deleted', async () => {
    const media = await mediaOf(await send(png, 'image/png'));
    const deleted = await download(media.locator, { method: 'DELETE' });
    expect([deleted.status, await deleted.json()]).toEqual([200, media]);
    expect((await download(media.locator)).status).toBe(404);
    expect((await download(media.locator, { method: 'DELETE' })).status).toBe(404);
    expect(await payments.sql('SELECT 1 FROM media_contents WHERE media_id = $1', [media.locator])).toEqual([]);
  });

  it('is sent once for an Idempotency-Key, which stands for the bytes', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await mediaOf(await send(png, 'image/png', { headers }));
    const again = await send(png, 'image/png', { headers });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await mediaOf(again)).toEqual(first);
    expect(await refusal(await send(pdf(), 'image/png', { headers }))).toMatchObject({ status: 422 });
  });
});

describe('card data in a file', () => {
  it('is masked in a text, and the file says so; two such files are one', async () => {
    const line = (number: string) => `\ufeffKarte Müller;${number};10,00\r\n`;
    const kept = line('**** **** **** 1111');
    const media = await mediaOf(await send(line('4111 1111 1111 1111'), 'text/csv'));
    expect(media).toMatchObject({
      masked: true,
      suspected: false,
      sha256: sha256(kept),
      size: Buffer.byteLength(kept),
    });
    expect(Buffer.from(await (await download(media.locator)).arrayBuffer()).toString()).toBe(kept);
    expect((await mediaOf(await send(line('4111 1111 1111 1111'), 'text/csv'))).locator).toBe(media.locator);
    const hex = Buffer.from('4111 1111').toString('hex');
    const rows = await payments.sql('SELECT 1 FROM media_contents c WHERE c::text LIKE $1', [`%${hex}%`]);
    expect(rows).toEqual([]);
  });

  it('is masked in every line of a long text', async () => {
    const lines = (number: string) => `Müller;${number};10,00\n`.repeat(5_000);
    const kept = lines('************1111');
    const media = await mediaOf(await send(lines(PAN), 'text/csv'));
    expect(media).toMatchObject({ masked: true, sha256: sha256(kept), size: Buffer.byteLength(kept) });
  });

  it('is told, not touched, where it can be read in anything else', async () => {
    const bytes = pdf(`card ${PAN}`);
    const media = await mediaOf(await send(bytes, 'application/pdf'));
    expect(media).toMatchObject({ masked: false, suspected: true, sha256: sha256(bytes) });
  });

  it('is refused in the name of the file', async () => {
    const wanted = { status: 422, code: 'card_data_not_accepted' };
    expect(await refusal(await send(png, 'image/png', { query: `?name=${PAN}.png` }))).toMatchObject(wanted);
    const form = await sendForm(['file', new Blob([png], { type: 'image/png' }), `${PAN}.png`]);
    expect(await refusal(form)).toMatchObject(wanted);
    expect(await stored()).toBe(0);
  });
});

describe('a file that is not taken', () => {
  afterEach(async () => {
    expect(await stored()).toBe(0);
  });

  it.each([
    ['another type than its bytes', pdf(), 'image/png', 422, 'media_type_mismatch'],
    ['a picture as a text', png, 'text/plain', 422, 'media_type_mismatch'],
    ['a text that is none', Buffer.from([0xff, 0xfe, 0x41, 0x00]), 'text/plain', 422, 'media_type_mismatch'],
    ['a page', Buffer.from('<html></html>'), 'text/html', 415, 'media_type_not_accepted'],
    ['JSON', Buffer.from('{}'), 'application/json', 415, 'unsupported_media_type'],
    ['nothing', Buffer.alloc(0), 'image/png', 400, 'invalid_request'],
  ])('%s', async (_what, bytes, contentType, status, code) => {
    expect(await refusal(await send(bytes, contentType))).toMatchObject({ status, code });
  });

  it('beyond the limit, whole or in a form, with and without a length', async () => {
    const large = Buffer.alloc(LIMIT + 1, 'a');
    const tooLarge = { status: 413, code: 'payload_too_large' };
    expect(await refusal(await send(large, 'text/plain'))).toMatchObject(tooLarge);
    expect(await refusal(await sendForm(['file', new Blob([large], { type: 'text/plain' }), 'a.txt']))).toMatchObject(
      tooLarge,
    );
    const chunks = { body: new Blob([large]).stream(), duplex: 'half', method: 'POST' } as Call;
    const headers = { 'content-type': 'text/plain' };
    expect(await refusal(await call(`/payments/${locator}/media`, { ...chunks, headers }))).toMatchObject(tooLarge);
  });

  it('with a Content-Digest that is not its own, or none that we know', async () => {
    const digest = (value: string) => send(png, 'image/png', { headers: { 'content-digest': value } });
    const wanted = { status: 400, errors: [{ header: 'Content-Digest' }] };
    expect(await refusal(await digest(`sha-256=:${sha256('other', 'base64')}:`))).toMatchObject(wanted);
    expect(await refusal(await digest('md5=:AAAA:'))).toMatchObject(wanted);
    expect(await refusal(await digest('nonsense'))).toMatchObject(wanted);
    const form = new FormData();
    form.append('file', new Blob([png], { type: 'image/png' }), 'a.png');
    const headers = { 'content-digest': `sha-256=:${sha256(png, 'base64')}:` };
    const answer = await call(`/payments/${locator}/media`, { method: 'POST', body: form, headers });
    expect(await refusal(answer)).toMatchObject(wanted);
  });

  it('in a form with anything else, or that is no form', async () => {
    const file = new Blob([png], { type: 'image/png' });
    const wanted = { status: 400, code: 'invalid_request' };
    expect(await refusal(await sendForm(['other', file, 'a.png']))).toMatchObject(wanted);
    expect(await refusal(await sendForm(['file', file, 'a.png'], ['file', file, 'b.png']))).toMatchObject(wanted);
    expect(await refusal(await sendForm(['file', file, 'a.png'], ['note', 'x']))).toMatchObject(wanted);
    expect(await refusal(await sendForm())).toMatchObject(wanted);
    expect(await refusal(await send('--x\r\nbroken', 'multipart/form-data; boundary=x'))).toMatchObject(wanted);
  });

  it("for another tenant's payment, an unknown one, or without the scope", async () => {
    const init = { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } };
    const path = `/payments/${locator}/media`;
    expect((await call(path, { ...init, tenant: newId() })).status).toBe(404);
    expect((await call(`/payments/${newId()}/media`, init)).status).toBe(404);
    expect((await call(path, { ...init, granted: ['payments:read'] })).status).toBe(403);
  });
});

it('a Content-Digest that is right is fine, beside others', async () => {
  const value = `sha-512=:AAAA:, sha-256=:${sha256(png, 'base64')}:`;
  await mediaOf(await send(png, 'image/png', { headers: { 'content-digest': value } }));
});

it('is found by its tenant and under its payment only', async () => {
  const media = await mediaOf(await send(png, 'image/png'));
  expect((await download(media.locator, { tenant: newId() })).status).toBe(404);
  locator = await newPayment();
  expect((await download(media.locator)).status).toBe(404);
  expect((await download(media.locator, { method: 'DELETE' })).status).toBe(404);
});

it('no other route takes a file', async () => {
  const form = new FormData();
  form.append('file', new Blob([png]), 'a.png');
  const init = { method: 'POST', headers: { 'content-type': 'image/png' } };
  expect((await call('/payments', { ...init, body: png })).status).toBe(415);
  expect((await call('/payments', { method: 'POST', body: form })).status).toBe(415);
});
