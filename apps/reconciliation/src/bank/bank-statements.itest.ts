import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { FORMAT_READERS } from '../files/readers.ts';
import type { FormatReader } from '../files/format-reader.ts';
import { TellOverdueWorker } from '../settlement/tell-overdue.worker.ts';
import { startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { asBai2, asCamt, asMt940, asOfxXml } from './bank-files.fixture.ts';
import type { SaidLine, SaidStatement } from './bank-files.fixture.ts';

type Found = Record<string, any>;

let books: Reconciliation;
beforeAll(async () => {
  books = await startReconciliation();
});
afterAll(() => books.stop());

/** Gives a file to its reader, as the intake does, in one transaction of the tenant. */
async function send(tenantId: string, content: string | Buffer): Promise<Found> {
  const bytes = Buffer.from(content as string);
  const reader = books.service.app
    .get<FormatReader[]>(FORMAT_READERS)
    .find((one) => one.detects(bytes.subarray(0, 4096)));
  const file = { tenantId, id: newId(), bytes, receivedAt: new Date() };
  return books.service.app.get(Database).withTenant(tenantId, (tx) => reader!.store(tx, file));
}
const get = async (tenantId: string, path: string) => (await books.api(tenantId)).get<Found>(path);
const post = async (tenantId: string, path: string, body: object) =>
  (await books.api(tenantId, ['recon:read', 'recon:write'])).post<Found>(path, body);
const lineCount = async (tenantId: string) =>
  Number((await books.sql<{ n: string }>('SELECT count(*) n FROM bank_lines WHERE tenant_id = $1', [tenantId]))[0]!.n);
const items = (tenantId: string) =>
  books.sql<Found>(
    `SELECT set_name, source_id, amount_minor, reference, second_reference, party
       FROM items WHERE tenant_id = $1 ORDER BY id`,
    [tenantId],
  );
const openExceptions = async (tenantId: string) =>
  (
    await books.sql<{ type: string }>(
      'SELECT type FROM exceptions WHERE tenant_id = $1 AND closed_at IS NULL ORDER BY type',
      [tenantId],
    )
  ).map(({ type }) => type);

const line = (amount: bigint, text: string, more: Partial<SaidLine> = {}): SaidLine => ({
  ...{ amount, bookedOn: '2026-03-02', reference: `R${text}`, bankReference: `B${text}`, text },
  ...more,
});
const statement = (more: Partial<SaidStatement> = {}): SaidStatement => ({
  ...{
    account: 'DE89370400440532013000',
    currency: 'EUR',
    sequence: 1,
    from: '2026-03-01',
    to: '2026-03-02',
    opening: 1_000n,
  },
  lines: [line(2_567n, 'P1'), line(-300n, 'P2')],
  ...more,
});

describe('a statement', () => {
  it('is stored with its lines, proven, shown, and said', async () => {
    const tenantId = newId();
    const answer = await send(tenantId, asCamt(statement()));
    expect(answer).toMatchObject({
      ...{ lines: 2, exceptions: [] },
      statements: [
        { sequence: '1', opening: '10.00', closing: '32.67', state: 'balanced', newLines: 2, duplicate: false },
      ],
    });
    const { id } = answer['statements'][0] as { id: string };
    const { body } = await get(tenantId, `/bank-statements/${id}`);
    expect(body).toMatchObject({
      ...{
        id,
        format: 'camt',
        kind: 'statement',
        from: '2026-03-01',
        to: '2026-03-02',
        currency: 'EUR',
        movement: '22.67',
      },
      account: { number: 'DE89370400440532013000' },
      lines: [
        {
          amount: '25.67',
          bookedOn: '2026-03-02',
          text: 'P1',
          position: 0,
          references: { endToEnd: 'RP1', bank: 'BP1' },
        },
        { amount: '-3.00', position: 1 },
      ],
      nextCursor: null,
    });
    const deposits = (await get(tenantId, '/deposits')).body['items'] as Found[];
    expect(deposits).toMatchObject([
      { amount: '25.67', state: 'open', statementId: id, accountId: body['account'].id },
    ]);
    expect(await books.eventsOf(deposits[0]!['id'] as string)).toMatchObject([
      { type: 'deposit.received', data: { amount: { amount: '25.67', currency: 'EUR' }, bookedOn: '2026-03-02' } },
    ]);
    const [told] = await books.eventsOf(body['fileId'] as string);
    expect(told).toMatchObject({ type: 'bank_file.processed', data: { format: 'camt', statements: 1, lines: 2 } });
    expect(JSON.stringify(told)).not.toContain('DE89');
  });

  it('is one side of what it may be matched with', async () => {
    const tenantId = newId();
    const lines = [
      ...[
        line(2_472n, 'STRIPE po_1QcXe2AbCdEf'),
        line(50_000n, 'HCCLAIMPMT TRN*1*E12*1512345678~'),
        line(-700n, 'OUT'),
      ],
      line(900n, 'CHECK', { reference: 'INV-0042' }),
    ];
    await send(tenantId, asCamt(statement({ lines })));
    const found = await items(tenantId);
    expect(
      found.map(({ set_name, amount_minor, reference, second_reference }) => [
        set_name,
        amount_minor,
        reference,
        second_reference,
      ]),
    ).toEqual([
      ['settlement_batch_deposit', '2472', 'PO1QCXE2ABCDEF', null],
      ['ach_batch_deposit', '2472', 'RSTRIPEPO1QCXE2ABCDEF', null],
      ['deposit_invoice', '2472', 'RSTRIPEPO1QCXE2ABCDEF', null],
      ['remittance_deposit', '50000', 'E12', '1512345678'],
      ['settlement_batch_deposit', '-700', null, null],
      ['ach_batch_deposit', '-700', 'ROUT', null],
      ['settlement_batch_deposit', '900', null, null],
      ['ach_batch_deposit', '900', 'INV0042', null],
      ['deposit_invoice', '900', 'INV0042', null],
    ]);
  });

  it.each([
    ['camt', asCamt],
    ['mt940', asMt940],
    ['bai2', asBai2],
    ['ofx', asOfxXml],
  ])('of %s said twice, in whatever file, changes nothing the second time', async (format, render) => {
    const tenantId = newId();
    const first = await send(tenantId, render(statement()));
    const again = await send(tenantId, `${render(statement())}\n`);
    const summary = ({ statements: [one], lines }: Found) => [one.id, one.newLines, one.duplicate, lines];
    const { id } = first['statements'][0];
    expect([summary(first), summary(again)]).toEqual([
      [id, 2, false, 2],
      [id, 0, true, 0],
    ]);
    expect((await get(tenantId, '/bank-statements')).body['items']).toMatchObject([{ id, format }]);
    expect(await lineCount(tenantId)).toBe(2);
    expect(await items(tenantId)).toHaveLength(5);
  });

  it('that overlaps another brings its new lines only, and two real lines that are alike stay two', async () => {
    const tenantId = newId();
    const coffee = line(-450n, 'COFFEE');
    await send(tenantId, asOfxXml(statement({ lines: [coffee, coffee, line(5_000n, 'A')] })));
    const wider = statement({ to: '2026-03-09', lines: [coffee, coffee, line(5_000n, 'A'), line(7n, 'B')] });
    expect(await send(tenantId, asOfxXml(wider))).toMatchObject({ lines: 1, statements: [{ lines: 4, newLines: 1 }] });
    expect(await lineCount(tenantId)).toBe(4);
  });

  it('that continues another has a line like one of before, which is another', async () => {
    const tenantId = newId();
    const fee = line(100n, 'SAME', { bookedOn: '2026-03-02' });
    await send(tenantId, asMt940(statement({ lines: [fee] })));
    const next = statement({ sequence: 2, from: '2026-03-02', opening: 1_100n, lines: [fee] });
    expect(await send(tenantId, asMt940(next))).toMatchObject({ lines: 1 });
    expect((await get(tenantId, '/deposits')).body['items']).toHaveLength(2);
  });

  it('is walked line by line', async () => {
    const tenantId = newId();
    const lines = Array.from({ length: 5 }, (_, n) => line(BigInt(n + 1), `L${n}`));
    const { id } = (await send(tenantId, asCamt(statement({ lines }))))['statements'][0];
    const texts: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await get(tenantId, `/bank-statements/${id}?limit=2${cursor}`);
      texts.push(...body['lines'].map(({ text }: Found) => text as string));
      if (body['nextCursor'] === null) break;
      cursor = `&cursor=${body['nextCursor']}`;
    }
    expect(texts).toEqual(['L0', 'L1', 'L2', 'L3', 'L4']);
  });
});

describe('a statement that does not add up', () => {
  const wrong = () => asCamt(statement()).replace('>32.67<', '>99.99<');

  it('is held: shown, and nothing of it is matched, until a person accepts it', async () => {
    const tenantId = newId();
    const answer = await send(tenantId, wrong());
    expect(answer).toMatchObject({
      lines: 2,
      statements: [{ state: 'unbalanced' }],
      exceptions: [{ type: 'statement_unbalanced' }],
    });
    expect([await items(tenantId), (await get(tenantId, '/deposits')).body['items']]).toEqual([[], []]);
    const path = `/bank-statements/${answer['statements'][0].id}/accept`;
    expect(await post(tenantId, path, { reason: 'the bank confirmed it' })).toMatchObject({
      status: 200,
      body: { state: 'accepted', acceptedReason: 'the bank confirmed it' },
    });
    expect(await openExceptions(tenantId)).toEqual([]);
    expect((await get(tenantId, '/deposits')).body['items']).toMatchObject([{ amount: '25.67', state: 'open' }]);
    expect(await items(tenantId)).toHaveLength(5);
    expect(await post(tenantId, path, { reason: 'again' })).toMatchObject({
      status: 409,
      body: { code: 'statement_not_held' },
    });
  });

  it('is replaced by one that does: its lines are released, each once', async () => {
    const tenantId = newId();
    await send(tenantId, wrong());
    expect(await send(tenantId, asCamt(statement()))).toMatchObject({ lines: 0, statements: [{ state: 'balanced' }] });
    expect(await openExceptions(tenantId)).toEqual([]);
    const [deposit, ...others] = (await get(tenantId, '/deposits')).body['items'] as Found[];
    expect([deposit!['amount'], others]).toEqual(['25.67', []]);
    expect(await books.eventsOf(deposit!['id'] as string)).toMatchObject([
      { type: 'deposit.received', sequence: '0000000001' },
    ]);
  });

  it('is replaced also where it continues another', async () => {
    const tenantId = newId();
    await send(
      tenantId,
      asMt940(statement({ from: '2026-02-28', to: '2026-03-01', opening: 0n, lines: [line(1_000n, 'P0')] })),
    );
    const second = statement({ sequence: 2 });
    await send(tenantId, asMt940(second).replace('32,67', '99,99'));
    expect(await send(tenantId, asMt940(second))).toMatchObject({ lines: 0, statements: [{ state: 'balanced' }] });
    expect([await lineCount(tenantId), await openExceptions(tenantId)]).toEqual([3, []]);
  });

  it.each([
    ['with other content', () => asCamt(statement({ lines: [line(1n, 'OTHER')] })), 1],
    ['in another format', () => asMt940(statement()), 2],
  ])('nor may its twin %s be money again, until a person says so', async (_, twin, lines) => {
    const tenantId = newId();
    await send(tenantId, asCamt(statement()));
    const answer = await send(tenantId, twin());
    expect(answer).toMatchObject({
      lines,
      statements: [{ state: 'unbalanced' }],
      exceptions: [{ type: 'statement_duplicate' }],
    });
    expect((await get(tenantId, '/deposits')).body['items']).toHaveLength(1);
    await post(tenantId, `/bank-statements/${answer['statements'][0].id}/accept`, { reason: 'both are true' });
    expect([(await get(tenantId, '/deposits')).body['items'].length, await openExceptions(tenantId)]).toEqual([2, []]);
  });
});

describe('a statement that is missing', () => {
  const on = (sequence: number, opening: bigint, lines: SaidLine[]) =>
    asMt940(statement({ sequence, from: `2026-03-0${sequence}`, to: `2026-03-0${sequence + 1}`, opening, lines }));

  it('is a gap, until it comes', async () => {
    const tenantId = newId();
    await send(tenantId, on(1, 0n, [line(10n, 'A')]));
    await send(tenantId, on(3, 30n, [line(10n, 'C')]));
    expect(await openExceptions(tenantId)).toEqual(['statement_gap']);
    await send(tenantId, on(2, 10n, [line(20n, 'B')]));
    expect(await openExceptions(tenantId)).toEqual([]);
  });
});

describe('what was announced', () => {
  const announced = (text: string) =>
    asCamt(statement())
      .replaceAll('BkToCstmrStmt', 'BkToCstmrAcctRpt')
      .replaceAll('Stmt>', 'Rpt>')
      .replaceAll('>P1<', text);

  it('by a report becomes money once, and the statement takes it over', async () => {
    const tenantId = newId();
    await send(tenantId, announced('>OTHER WORDS<'));
    const early = (await get(tenantId, '/deposits')).body['items'] as Found[];
    expect(early).toMatchObject([{ amount: '25.67' }]);
    const answer = await send(tenantId, asCamt(statement()));
    expect(answer).toMatchObject({ lines: 0, statements: [{ kind: 'statement', state: 'balanced' }] });
    const late = (await get(tenantId, '/deposits')).body['items'] as Found[];
    expect(late.map(({ id }) => id as string)).toEqual(early.map(({ id }) => id as string));
    expect(late[0]!['statementId']).toBe(answer['statements'][0].id);
  });

  it('without a reference of the bank waits for the statement', async () => {
    const tenantId = newId();
    await send(tenantId, announced('>P1<').replaceAll(/<AcctSvcrRef>\w+<\/AcctSvcrRef>/g, ''));
    expect((await get(tenantId, '/deposits')).body['items']).toEqual([]);
    await send(tenantId, asCamt(statement()).replaceAll(/<AcctSvcrRef>\w+<\/AcctSvcrRef>/g, ''));
    expect((await get(tenantId, '/deposits')).body['items']).toHaveLength(1);
    expect(await lineCount(tenantId)).toBe(2);
  });

  it('and is pending counts nowhere', async () => {
    const tenantId = newId();
    const pending = asCamt(statement({ lines: [line(5n, 'X')] }))
      .replace('<Sts>BOOK<', '<Sts><Cd>PDNG</Cd><')
      .replace('>10.05<', '>10.00<');
    expect(await send(tenantId, pending)).toMatchObject({ lines: 1, statements: [{ state: 'balanced' }] });
    expect((await get(tenantId, '/deposits')).body['items']).toEqual([]);
  });
});

describe('a deposit', () => {
  it('is identified by a person, which its item and its listeners learn', async () => {
    const tenantId = newId();
    await send(tenantId, asCamt(statement()));
    const [deposit] = (await get(tenantId, '/deposits?state=open')).body['items'] as Found[];
    const path = `/deposits/${deposit!['id']}`;
    const known = { party: 'Ada', policyLocator: 'P-100', note: 'called' };
    expect(await post(tenantId, `${path}/identify`, known)).toMatchObject({
      status: 200,
      body: { state: 'identified', ...known },
    });
    expect((await get(tenantId, path)).body).toMatchObject({
      state: 'identified',
      party: 'Ada',
      policyLocator: 'P-100',
    });
    expect((await get(tenantId, '/deposits?state=open')).body['items']).toEqual([]);
    expect((await items(tenantId)).find(({ set_name }) => set_name === 'deposit_invoice')).toMatchObject({
      party: 'Ada',
      second_reference: 'P100',
    });
    const events = await books.eventsOf(deposit!['id'] as string);
    expect(events.map(({ type, sequence }) => [type, Number(sequence)])).toEqual([
      ['deposit.received', 1],
      ['deposit.identified', 2],
    ]);
    expect(JSON.stringify(events)).not.toContain('Ada');
  });

  it('that nothing explains is asked about, until a person says whose it is', async () => {
    const tenantId = newId();
    const told = async () => {
      books.service.app.get(TellOverdueWorker).kick();
      return openExceptions(tenantId);
    };
    await send(tenantId, asCamt(statement({ lines: [line(2_567n, 'P1'), line(-300n, 'P2'), line(99n, 'P3')] })));
    // 25.67 and 0.99 came in; what went out is no deposit.
    const two = ['deposit_unidentified', 'deposit_unidentified'];
    await eventually(async () => (await told()).join() === two.join());
    const deposits = (await get(tenantId, '/deposits?state=open')).body['items'] as Found[];
    await post(tenantId, `/deposits/${deposits[0]!['id']}/identify`, { party: 'Ada' });
    expect(await told()).toEqual(['deposit_unidentified']);
    const [asked] = (await get(tenantId, '/exceptions?type=deposit_unidentified&state=open')).body['items'] as Found[];
    expect(asked!['subject']).toEqual({ type: 'bank_line', id: deposits[1]!['id'] });
  });

  it('that is matched is shown so, and not identified any more', async () => {
    const tenantId = newId();
    await send(tenantId, asCamt(statement()));
    await books.sql(
      `UPDATE items SET state = 'matched', match_id = gen_random_uuid()
        WHERE tenant_id = $1 AND set_name = 'deposit_invoice'`,
      [tenantId],
    );
    const [deposit] = (await get(tenantId, '/deposits?state=matched')).body['items'] as Found[];
    expect(await post(tenantId, `/deposits/${deposit!['id']}/identify`, { party: 'X' })).toMatchObject({
      status: 409,
      body: { code: 'deposit_matched' },
    });
  });

  it('is found by account and day', async () => {
    const tenantId = newId();
    const answer = await send(tenantId, asCamt(statement()));
    const of = async (query: string) => ((await get(tenantId, `/deposits?${query}`)).body['items'] as Found[]).length;
    const { accountId } = answer['statements'][0];
    expect([await of(`accountId=${accountId}`), await of(`accountId=${newId()}`)]).toEqual([1, 0]);
    expect([await of('from=2026-03-02&to=2026-03-02'), await of('from=2026-03-03'), await of('to=2026-03-01')]).toEqual(
      [1, 0, 0],
    );
  });
});

describe('what is asked wrongly, or by another', () => {
  it.each([
    ['/deposits?state=lost', 'state'],
    ['/deposits?from=2026-02-30', 'from'],
    ['/deposits?accountId=x', 'accountId'],
    ['/bank-statements?state=lost', 'state'],
    ['/bank-statements?to=tomorrow', 'to'],
    ['/bank-statements?cursor=x', 'cursor'],
  ])('GET %s is 400 and names %s', async (path, parameter) => {
    const { status, body } = await get(newId(), path);
    expect({ status, named: body['errors'][0].parameter }).toEqual({ status: 400, named: parameter });
  });

  it('bodies are named by pointers', async () => {
    const at = async (path: string, body: object) => {
      const answer = await post(newId(), path, body);
      return [answer.status, answer.body['errors']?.[0].pointer];
    };
    expect(await at(`/deposits/${newId()}/identify`, { party: '' })).toEqual([400, '/party']);
    expect(await at(`/deposits/${newId()}/identify`, { note: 'x' })).toEqual([400, '/party']);
    expect(await at(`/bank-statements/${newId()}/accept`, {})).toEqual([400, '/reason']);
  });

  it("another tenant's ids are unknown, and he sees none of them", async () => {
    const [tenantId, other] = [newId(), newId()];
    const { id } = (await send(tenantId, asCamt(statement())))['statements'][0];
    const [deposit] = (await get(tenantId, '/deposits')).body['items'] as Found[];
    for (const path of [`/bank-statements/${id}`, `/deposits/${deposit!['id']}`])
      expect((await get(other, path)).status).toBe(404);
    expect((await post(other, `/bank-statements/${id}/accept`, { reason: 'x' })).status).toBe(404);
    expect((await post(other, `/deposits/${deposit!['id']}/identify`, { party: 'x' })).status).toBe(404);
    for (const path of ['/bank-statements', '/deposits']) expect((await get(other, path)).body['items']).toEqual([]);
    expect(await send(other, asCamt(statement()))).toMatchObject({ lines: 2 });
  });
});

it.each<[string, string | Buffer]>([
  ['with an entity of the outside', asCamt(statement(), '<!DOCTYPE D [<!ENTITY x SYSTEM "file:///etc/passwd">]>')],
  ['that is cut off', asCamt(statement()).slice(0, -20)],
  [
    'whose second statement is broken',
    asMt940(statement()) + asMt940(statement({ sequence: 2 })).replace('C25,67', 'C25.6.7'),
  ],
  ['with an amount of half a cent', asCamt(statement()).replace('>25.67<', '>25.675<')],
])('a file %s is refused, and nothing of it is stored', async (_, content) => {
  const tenantId = newId();
  await expect(send(tenantId, content)).rejects.toMatchObject({ code: 'file_unreadable' });
  const rows = await books.sql('SELECT 1 FROM bank_accounts WHERE tenant_id = $1', [tenantId]);
  expect([rows, await lineCount(tenantId)]).toEqual([[], 0]);
});

it('two files of one account at the same time leave each line once', async () => {
  const tenantId = newId();
  const lines = Array.from({ length: 30 }, (_, n) => line(BigInt(n + 1), `L${n}`));
  const files = [lines.slice(0, 20), lines.slice(10), lines].map((some) => asOfxXml(statement({ lines: some })));
  await Promise.all(files.map((file) => send(tenantId, file)));
  expect(await lineCount(tenantId)).toBe(30);
  expect(new Set((await items(tenantId)).map(({ source_id }) => source_id as string)).size).toBe(30);
});

describe('the database refuses', () => {
  const change = (sql: string) =>
    books.sql(sql).then(
      () => 'it was accepted',
      ({ constraint }: { constraint?: string }) => constraint,
    );

  it('a balanced statement that does not add up, and a deposit that is none', async () => {
    const tenantId = newId();
    await send(tenantId, asCamt(statement()));
    const where = `WHERE tenant_id = '${tenantId}'`;
    expect(await change(`UPDATE bank_statements SET movement_minor = 1 ${where}`)).toBe('bank_statements_tie');
    expect(await change(`UPDATE bank_statements SET state = 'accepted' ${where}`)).toBe('bank_statements_accepted');
    expect(await change(`UPDATE bank_lines SET is_deposit = true ${where}`)).toBe('bank_lines_deposit');
    const twin = `INSERT INTO bank_lines
      SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid()))).*
      FROM bank_lines l ${where} LIMIT 1`;
    expect(await change(twin)).toBe('bank_lines_once');
  });
});
