import fc from 'fast-check';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { byteaArray } from './bytea-array.ts';
import { createDataSource } from './data-source.ts';
import { Database } from './database.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase('payments', []);
  const source = createDataSource({ url: database.appUrl, applicationName: 'test', entities: [], poolMax: 2 });
  db = new Database(undefined, await source.initialize());
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

const stored = (items: readonly (Uint8Array | null)[]) =>
  db.tx((tx) =>
    tx.query<{ item: Buffer | null }>(
      'SELECT item FROM unnest($1::bytea[]) WITH ORDINALITY AS u (item, n) ORDER BY n',
      [byteaArray(items)],
    ),
  );

describe('byteaArray', () => {
  it('is read by Postgres as what it was made of: any bytes, none, and null', async () => {
    const item = fc.option(fc.uint8Array({ maxLength: 2_000 }), { nil: null });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 50 }), async (items) => {
        const rows = await stored(items);
        expect(rows.map((row) => row.item?.toString('hex') ?? null)).toEqual(
          items.map((each) => (each === null ? null : Buffer.from(each).toString('hex'))),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('an empty one has no element', async () => {
    expect(await stored([])).toEqual([]);
  });
});
