import { Injectable } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { invalidRequest } from './problem.ts';
import type { ProblemItem } from './problem.ts';

const ERRORS_MAX = 100;
const NOT_A_DTO = new Set<unknown>([undefined, Object, Function, String, Number, Boolean, Array, Map, Set, Promise]);

type Place = (path: readonly string[]) => Pick<ProblemItem, 'pointer' | 'parameter'>;

/**
 * Turns body and query into their DTO and refuses what the DTO does not declare, everything that is wrong at once.
 *
 * A body or query whose class is unknown at run time would pass unvalidated: that happens when a controller imports
 * its DTO with `import type` (the metadata then says Object). That is our mistake, so it answers 500 and not 400.
 */
@Injectable()
export class StrictValidationPipe implements PipeTransform {
  async transform(value: unknown, { type, metatype, data }: ArgumentMetadata): Promise<unknown> {
    if (type === 'param') return storable(value, data === undefined ? [] : [data]);
    if (type !== 'body' && type !== 'query') return value;
    if (data !== undefined || !metatype || NOT_A_DTO.has(metatype)) {
      throw new Error(`a ${type} parameter has no DTO class: declare one, and import it without "type"`);
    }
    // A body was looked through as it was read.
    if (type === 'query') return validated(metatype, storable(value ?? {}), parameterOf);
    return validated(metatype, value ?? {}, pointerTo);
  }
}

/** What of a path or query came with a character that no column can hold names its parameter, and goes no further. */
function storable(value: unknown, path: readonly string[] = []): unknown {
  const errors = unstorable(value, parameterOf, path);
  if (errors.length > 0) throw invalidRequest(errors.slice(0, ERRORS_MAX));
  return value;
}

/** The places of text that Postgres cannot store: NUL and lone surrogates. */
export function unstorable(value: unknown, place: Place, path: readonly string[] = []): ProblemItem[] {
  if (typeof value === 'string') {
    const fine = value.isWellFormed() && !value.includes('\0');
    return fine ? [] : [{ ...place(path), detail: 'holds a character that cannot be stored' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...(key.isWellFormed() && !key.includes('\0') ? [] : unstorable(key, place, path)),
    ...unstorable(item, place, [...path, key]),
  ]);
}

/** Validates any value against a DTO class, for entry points other than a route. Throws a 400 `Problem`. */
export async function validated<T extends object>(
  dto: new () => T,
  value: unknown,
  place: Place = pointerTo,
): Promise<T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest([{ pointer: '', detail: 'must be a JSON object' }]);
  }
  const instance = plainToInstance(dto, value);
  const errors = await validate(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw invalidRequest(distinct(flatten(errors, place)).slice(0, ERRORS_MAX));
  return instance;
}

function flatten(errors: readonly ValidationError[], place: Place, parents: readonly string[] = []): ProblemItem[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const path = [...parents, property];
    const own = Object.entries(constraints).map(([rule, message]) => ({
      ...place(path),
      detail: rule === 'whitelistValidation' ? `unknown field ${property}` : message,
    }));
    return [...own, ...flatten(children, place, path)];
  });
}

/** Several rules of one value may have the same to say. */
function distinct(items: readonly ProblemItem[]): ProblemItem[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** RFC 6901: `~` and `/` inside a name are escaped. */
export function pointerTo(path: readonly string[]): { pointer: string } {
  return { pointer: path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('') };
}

function parameterOf(path: readonly string[]): { parameter: string } {
  return { parameter: path.join('.') };
}
