import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, IsString, MaxLength, ValidateBy } from 'class-validator';
import { isUuid } from './path-id.ts';
import { invalidRequest } from './problem.ts';

const DEFAULT = 50;
const CURSOR_VERSION = '1:';

/**
 * A whole number in a query string. Anything else is left as it is, so that validation names the parameter. One rule,
 * not three: what is wrong with a number is said once.
 */
export function QueryInt(min: number, max: number): PropertyDecorator {
  const validate = (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  const defaultMessage = () => `must be a whole number from ${min} to ${max}`;
  const decorators = [
    ApiPropertyOptional({ type: 'integer', minimum: min, maximum: max }),
    ValidateBy({ name: 'queryInt', validator: { validate, defaultMessage } }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
    ),
  ];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

/** `/payments`, `/invoices`, `/statements`: `pageSize`, `pagingToken` → `{ <noun>: [...], pagingToken? }`. */
export class PagingQuery {
  @QueryInt(1, 500)
  pageSize: number = DEFAULT;

  @ApiPropertyOptional({ type: String, maxLength: 512, description: 'Of the answer before.' })
  @IsOptional()
  @IsString()
  @MaxLength(512)
  pagingToken?: string;
}

/** Every other list: `cursor`, `limit` → `{ items, nextCursor }`. */
export class CursorQuery {
  @QueryInt(1, 500)
  limit: number = DEFAULT;

  @ApiPropertyOptional({ type: String, maxLength: 512, description: '`nextCursor` of the answer before.' })
  @IsOptional()
  @IsString()
  @MaxLength(512)
  cursor?: string;
}

/** `/api/v1/…`: `page` from 1, `limit` → `{ data, page, limit, total }`. */
export class PageQuery {
  @QueryInt(1, 1_000_000)
  page: number = 1;

  @QueryInt(1, 100)
  limit: number = DEFAULT;
}

export interface Keyset<T> {
  rows: T[];
  /** Opaque; `null` on the last page. */
  next: string | null;
}

/**
 * Cuts a page out of rows that were asked for with `LIMIT limit + 1`: the one too many says that there is another page.
 *
 * @example const page = keysetPage(rows, query.limit, (row) => row.id);
 *          return { items: page.rows.map(InvoiceDto.from), nextCursor: page.next };
 */
export function keysetPage<T>(rows: readonly T[], limit: number, idOf: (row: T) => string): Keyset<T> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: page, next: more ? encodeCursor(idOf(last)) : null };
}

export function encodeCursor(key: string): string {
  return Buffer.from(`${CURSOR_VERSION}${key}`).toString('base64url');
}

/**
 * The key of the last row of the page before, or `null` for the first page. What we did not hand out is 400 and names
 * the parameter.
 */
export function decodeCursor(
  cursor: string | undefined,
  parameter = 'cursor',
  isKey: (key: string) => boolean = isUuid,
): string | null {
  if (cursor === undefined) return null;
  const text = /^[\w-]+$/.test(cursor) ? Buffer.from(cursor, 'base64url').toString('utf8') : '';
  const key = text.slice(CURSOR_VERSION.length);
  if (!text.startsWith(CURSOR_VERSION) || !isKey(key)) {
    throw invalidRequest([{ parameter, detail: 'is not a cursor of this list' }]);
  }
  return key;
}

/** Rows to skip before the page. */
export function offsetOf({ page, limit }: PageQuery): number {
  return (page - 1) * limit;
}

/** The answer of a list with `page` and `limit`. */
export function numberedPage<T>(data: readonly T[], { page, limit }: PageQuery, total: number) {
  return { data, page, limit, total };
}
