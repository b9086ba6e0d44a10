import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { newId } from '@quittance/service-kit/id';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DomainError } from '../domain/errors.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import { startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import type { FormatReader, IncomingFile } from './format-reader.ts';
import { FORMAT_READERS } from './readers.ts';

type Found = Record<string, any>;

/** The smallest format that there can be: `LINES`, then lines; one that says `odd` is work for people. */
class LinesReader implements FormatReader {
  readonly format = 'lines';

  constructor(
    readonly route: FormatReader['route'],
    private readonly mark: string,
    private readonly exceptions: ExceptionRepository,
  ) {}

  detects(head: Buffer): boolean {
    return head.toString('latin1').startsWith(this.mark);
  }

  async store(tx: Tx, { tenantId, id, bytes, receivedAt }: IncomingFile) {
    const lines = bytes.toString().split('\n').slice(1);
    const subject = { type: 'file', id };
    const odd = lines.filter((line) => line === 'odd');
    const finding = { tenantId, type: 'statement_gap', subject, detail: 'an odd line' } as const;
    const exceptions = await this.exceptions.open(tx, odd.length > 0 ? [finding] : [], receivedAt);
    if (lines.includes('cut')) throw new DomainError('file_unreadable', `Line ${lines.indexOf('cut') + 2} is cut off.`);
    return { lines: lines.length, exceptions };
  }
}

const LIMIT = 3 * 1024 * 1024;
const readers = {
  provide: FORMAT_READERS,
  useFactory: (exceptions: ExceptionRepository) => [
    new LinesReader('bank-statements', 'LINES\n', exceptions),
    new LinesReader('remittances', 'REMIT\n', exceptions),
  ],
  inject: [ExceptionRepository],
};
const all = ['recon:read', 'recon:write', 'recon:files'];
const tenantId = newId();
let books: Reconciliation;
beforeAll(async () => {
  books = await startReconciliation({ FILE_BYTES_MAX: String(LIMIT) }, [readers]);
});
afterAll(() => books.stop());

interface Call {
  path?: string;
  tenant?: string;
  headers?: Record<string, string>;
  granted?: string[];
}
async function send(body: NonNullable<RequestInit['body']>, { path = '/bank-statements', ...call }: Call = {}) {
  const { tenant = tenantId, granted = all, headers = {} } = call;
  const authorization = `Bearer ${await books.token(tenant, granted, 'teller')}`;
  const type = body instanceof FormData ? {} : { 'content-type': 'application/octet-stream' };
  const init = { method: 'POST', body, headers: { authorization, ...type, ...headers }, duplex: 'half' };
  const answer = await fetch(`${books.service.url}${path}`, init as RequestInit);
  return { status: answer.status, body: (await answer.json()) as Found, headers: answer.headers };
}
const get = async (path: string, tenant = tenantId, granted = all) =>
  fetch(`${books.service.url}${path}`, {
    headers: { authorization: `Bearer ${await books.token(tenant, granted, 'auditor')}` },
  });
const json = async (path: string) => (await (await get(path)).json()) as Found;
const unique = (text = '') => `LINES\n${newId()}${text}`;
const tables = ['files', 'file_chunks', 'exceptions', 'exception_events', 'tenant_keys'];
const rows = async (tenant: string) => {
  const counts = tables.map((table) => `(SELECT count(*)::int FROM ${table} WHERE tenant_id = $1) AS ${table}`);
  return (await books.sql<Record<string, number>>(`SELECT ${counts.join(', ')}`, [tenant]))[0]!;
};

describe('a file', () => {
  it('is read, answered with what was found, and kept as it came', async () => {
    const content = unique('\nodd\nlast');
    const { status, body } = await send(content);
    expect([status, body]).toMatchObject([
      201,
      { format: 'lines', duplicate: false, lines: 3, exceptions: [{ type: 'statement_gap' }] },
    ]);
    const file = await json(`/files/${body['fileId']}`);
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(file).toMatchObject({ id: body['fileId'], format: 'lines', name: null, size: content.length, sha256 });
    expect(file['found']).toMatchObject({ lines: 3, exceptions: body['exceptions'] });
    expect(await (await get(`/files/${body['fileId']}/raw`)).text()).toBe(content);
  });

  it('comes as a part of a form too, by its name', async () => {
    const form = new FormData();
    form.append('file', new Blob([unique()]), 'march.txt');
    const { status, body } = await send(form);
    expect(status).toBe(201);
    expect(await json(`/files/${body['fileId']}`)).toMatchObject({ name: 'march.txt' });
  });

  it('again is the same one, answered as the first time, whatever its name', async () => {
    const content = unique('\nodd');
    const first = await send(content);
    const again = await send(content);
    expect(again.status).toBe(200);
    expect(again.body).toEqual({ ...first.body, duplicate: true });
    const elsewhere = await send(content, { tenant: newId() });
    expect([elsewhere.status, elsewhere.body['duplicate']]).toEqual([201, false]);
  });

  it('eight times at once is read once', async () => {
    const tenant = newId();
    const content = unique('\nodd');
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(content, { tenant })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body['fileId'])).size).toBe(1);
    expect(await rows(tenant)).toEqual({
      ...{ files: 1, file_chunks: 1, exceptions: 1, exception_events: 1, tenant_keys: 1 },
    });
  });

  it('with an Idempotency-Key is answered as the first time', async () => {
    const headers = { 'idempotency-key': newId() };
    const content = unique();
    const first = await send(content, { headers });
    const again = await send(content, { headers });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect((await send(unique(), { headers })).status).toBe(422);
  });

  it('of several mebibytes is kept in pieces, none of which can be read in the database', async () => {
    const content = unique(`\n${'secret line\n'.repeat(200_000)}`);
    const { body } = await send(content);
    expect(await (await get(`/files/${body['fileId']}/raw`)).text()).toBe(content);
    const hex = Buffer.from('secret line').toString('hex');
    const [kept] = await books.sql<Found>(
      `SELECT count(*)::int AS n, bool_or(position('\\x${hex}'::bytea in sealed) > 0) AS readable,
              max(octet_length(sealed)) AS longest FROM file_chunks WHERE file_id = $1`,
      [body['fileId']],
    );
    expect(kept).toMatchObject({ n: 3, readable: false });
    expect(kept!['longest']).toBeLessThanOrEqual(1024 * 1024 + 64);
  });
});

describe('nothing is stored of', () => {
  const tenant = newId();
  afterEach(async () => {
    expect(await rows(tenant)).toEqual({
      ...{ files: 0, file_chunks: 0, exceptions: 0, exception_events: 0, tenant_keys: 0 },
    });
  });
  const refused = async (body: NonNullable<RequestInit['body']>, call: Call = {}) => {
    const { status, body: problem } = await send(body, { ...call, tenant });
    return { status, code: problem['code'] as string, detail: problem['detail'] as string };
  };

  it.each<[string, Buffer, string]>([
    ['a zip bomb', gzipSync(Buffer.alloc(64 * 1024 * 1024)), 'a gzip archive'],
    ['a zip', Buffer.from('PK\x03\x04LINES\n'), 'a zip archive'],
    ['a program', Buffer.from('\x7fELF'), 'a program'],
    ['bytes', Buffer.from('LINES\n\0'), 'binary'],
    ['a page', Buffer.from('<!doctype html><html>'), 'a web page'],
    ['blanks', Buffer.from(' \n'), 'blank'],
    ['what nobody knows', Buffer.from('hello'), 'of no format'],
    ['what is for the other route', Buffer.from('REMIT\nx'), 'POST /remittances'],
    ['a file that is cut off after something was found in it', Buffer.from('LINES\nodd\ncut'), 'Line 3 is cut off'],
  ])('%s', async (_, bytes, detail) => {
    const wanted = { status: 422, code: 'file_unreadable', detail: expect.stringContaining(detail) as string };
    expect(await refused(bytes)).toEqual(wanted);
  });

  it('nothing, JSON, a form of something else, or a name that is a card number', async () => {
    const form = new FormData();
    form.append('note', 'x');
    expect(await refused('')).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(await refused(form)).toMatchObject({ status: 400, code: 'invalid_request' });
    const headers = { 'content-type': 'application/json' };
    expect(await refused('{}', { headers })).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    const named = new FormData();
    named.append('file', new Blob(['LINES\nx']), '4111111111111111.txt');
    expect(await refused(named)).toMatchObject({ status: 422, code: 'card_data_not_accepted' });
  });

  it('a file beyond the limit, whole, in pieces or in a form', async () => {
    const large = `LINES\n${'x'.repeat(LIMIT)}`;
    const form = new FormData();
    form.append('file', new Blob([large]), 'x');
    for (const body of [large, new Blob([large]).stream(), form]) {
      expect(await refused(body)).toMatchObject({ status: 413, code: 'payload_too_large' });
    }
  });

  // Nobody has to send 257 MiB to learn that they are too many.
  it('one that only says how large it is', async () => {
    const headers = {
      ...{ authorization: `Bearer ${await books.token(tenant, all)}`, 'content-type': 'text/plain' },
      'content-length': String(257 * 1024 * 1024),
    };
    const status = await new Promise((resolve, reject) => {
      const call = request(`${books.service.url}/bank-statements`, { method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode);
        call.destroy();
      });
      call.on('error', reject);
      call.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('who may not write', async () => {
    expect(await refused(unique(), { granted: ['recon:read', 'recon:files'] })).toMatchObject({
      status: 403,
      code: 'forbidden',
    });
  });
});

describe('the bytes of a file', () => {
  let fileId: string;
  const content = unique();
  const reads = () => books.sql<Found>('SELECT kind, reader FROM file_reads WHERE file_id = $1 ORDER BY id', [fileId]);
  const inert = {
    ...{ 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-store' },
    'content-type': 'application/octet-stream',
  };
  beforeAll(async () => {
    fileId = (await send(content)).body['fileId'] as string;
  });

  it('are given to who may have them, as an attachment, and each time is written down', async () => {
    const answer = await get(`/files/${fileId}/raw`);
    expect(await answer.text()).toBe(content);
    expect(Object.fromEntries(answer.headers)).toMatchObject(inert);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="lines-${fileId}"`);
    const { url, expiresAt } = await json(`/files/${fileId}/url`);
    expect(Date.parse(expiresAt as string) - Date.now()).toBeLessThanOrEqual(5 * 60_000);
    const path = new URL(url as string).pathname;
    for (let n = 0; n < 2; n++) {
      const download = await fetch(`${books.service.url}${path}`);
      expect(await download.text()).toBe(content);
      expect(Object.fromEntries(download.headers)).toMatchObject(inert);
    }
    expect(await reads()).toEqual([
      { kind: 'read', reader: 'auditor' },
      { kind: 'address_given', reader: 'auditor' },
      { kind: 'address_used', reader: 'auditor' },
      { kind: 'address_used', reader: 'auditor' },
    ]);
  });

  it('are given to nobody else', async () => {
    const count = (await reads()).length;
    expect((await get(`/files/${fileId}/raw`, tenantId, ['recon:read', 'recon:write'])).status).toBe(403);
    expect((await get(`/files/${fileId}/url`, tenantId, ['recon:read'])).status).toBe(403);
    for (const path of ['', '/raw', '/url']) {
      expect((await get(`/files/${fileId}${path}`, newId())).status).toBe(404);
      expect((await get(`/files/${newId()}${path}`)).status).toBe(404);
    }
    const { url } = await json(`/files/${fileId}/url`);
    const token = new URL(url as string).pathname.split('/').at(-1)!;
    const other = token.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    for (const forged of [other, token.slice(0, -1), 'x']) {
      const answer = await fetch(`${books.service.url}/file-downloads/${forged}`);
      expect([answer.status, ((await answer.json()) as Found)['code']]).toEqual([404, 'not_found']);
    }
    expect(await reads()).toHaveLength(count + 1);
  });

  it('do not open as those of another file or tenant', async () => {
    const other = newId();
    const { body } = await send(unique(), { tenant: other });
    await books.sql(
      `UPDATE file_chunks SET sealed = (SELECT sealed FROM file_chunks WHERE file_id = $1) WHERE file_id = $2`,
      [fileId, body['fileId']],
    );
    expect((await get(`/files/${body['fileId']}/raw`, other)).status).toBe(500);
  });
});
