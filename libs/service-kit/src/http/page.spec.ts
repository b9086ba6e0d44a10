import { validate } from 'class-validator';
import {
  CursorQuery,
  decodeCursor,
  encodeCursor,
  keysetPage,
  numberedPage,
  offsetOf,
  PageQuery,
  PagingQuery,
} from './page.ts';
import { Problem } from './problem.ts';
import { validated } from './validation.ts';

const id = '0199a3c4-7f1e-7b52-9c1d-3e5f60718293';
const rows = (n: number) => Array.from({ length: n }, (_, at) => ({ id: `${id.slice(0, -1)}${at}` }));

it('says that there is more only when there is', () => {
  expect(keysetPage(rows(2), 2, (row) => row.id)).toEqual({ rows: rows(2), next: null });
  const page = keysetPage(rows(3), 2, (row) => row.id);
  expect(page.rows).toHaveLength(2);
  expect(decodeCursor(page.next ?? undefined)).toBe(rows(2)[1]?.id);
  expect(keysetPage([], 2, () => id)).toEqual({ rows: [], next: null });
});

it('starts without a cursor', () => {
  expect(decodeCursor(undefined)).toBeNull();
});

it.each([
  '',
  'x',
  '=',
  '%',
  id,
  Buffer.from(id).toString('base64url'),
  Buffer.from(`2:${id}`).toString('base64url'),
  `${encodeCursor(id)}x`,
  `${encodeCursor(id)}=`,
])('refuses %j and names the parameter', (cursor) => {
  let problem: unknown;
  try {
    decodeCursor(cursor, 'pagingToken');
  } catch (error) {
    problem = error;
  }
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ status: 400, extra: { errors: [{ parameter: 'pagingToken' }] } });
});

it('takes another kind of key where a list has one', () => {
  expect(decodeCursor(encodeCursor('12'), 'cursor', (key) => /^\d+$/.test(key))).toBe('12');
});

it('reads the parameters of each list shape with their defaults and limits', async () => {
  expect(await validated(PagingQuery, {})).toMatchObject({ pageSize: 50 });
  expect(await validated(PagingQuery, { pageSize: '500' })).toMatchObject({ pageSize: 500 });
  await expect(validated(PagingQuery, { pageSize: '501' })).rejects.toBeInstanceOf(Problem);
  const query = await validated(PageQuery, { page: '3', limit: '20' });
  expect(offsetOf(query)).toBe(40);
  expect(numberedPage(['a'], query, 41)).toEqual({ data: ['a'], page: 3, limit: 20, total: 41 });
  await expect(validated(PageQuery, { page: '0' })).rejects.toBeInstanceOf(Problem);
  await expect(validated(PageQuery, { limit: '101' })).rejects.toBeInstanceOf(Problem);
});

it.each(['x', '', '1.5', '0', '501', '9999999999999999', ['1', '2']])(
  'says once what is wrong with %j',
  async (limit) => {
    const refused = validated(CursorQuery, { limit });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      extra: { errors: [{ pointer: '/limit', detail: 'must be a whole number from 1 to 500' }] },
    });
    const found = await validate(Object.assign(new CursorQuery(), { limit }));
    expect(found.map(({ constraints }) => Object.keys(constraints ?? {}))).toEqual([['queryInt']]);
  },
);
