import { anyText, arrayOf, constant, integer, object, orNull, plain, unlessNull } from './sql-json.ts';

describe('SQL that writes JSON', () => {
  it('joins constants that stand side by side, and escapes what may need it', () => {
    const sql = object({ id: plain('t.id'), type: constant("it's"), name: anyText('t.name'), n: integer('t.n') });
    expect(sql).toBe(
      `'{"id":"' || t.id || '","type":"it''s","name":' || to_json((t.name)::text)::text || ',"n":' || (t.n)::text || '}'`,
    );
  });

  it('leaves an optional member out with its comma, and writes null where it is asked to', () => {
    const sql = object({ a: orNull(plain('t.a')), b: unlessNull(plain('t.b')) });
    expect(sql).toBe(`'{"a":' || coalesce('"' || t.a || '"', 'null') || coalesce(',"b":"' || t.b || '"', '') || '}'`);
  });

  it('gathers rows in order, none as an empty list', () => {
    expect(arrayOf(object({ n: integer('t.n') }), 't.n')).toBe(
      `'[' || coalesce(string_agg('{"n":' || (t.n)::text || '}', ',' ORDER BY t.n), '') || ']'`,
    );
  });
});
