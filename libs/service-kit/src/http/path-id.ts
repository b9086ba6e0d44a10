import { Param } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import { notFound } from './problem.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/**
 * A path parameter that is one of our ids. What is no id cannot exist, so it answers 404 like any unknown one and
 * never reaches the database.
 *
 * @example get(@PathId('locator', 'payment') id: string)
 */
export function PathId(name: string, what: string): ParameterDecorator {
  const pipe: PipeTransform<string, string> = {
    transform(value) {
      if (!isUuid(value)) throw notFound(what, printable(value));
      return value.toLowerCase();
    },
  };
  return Param(name, pipe);
}

function printable(value: string): string {
  return value.slice(0, 64).replace(/[^\x20-\x7e]/g, '?');
}
