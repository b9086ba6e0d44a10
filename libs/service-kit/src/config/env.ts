import 'reflect-metadata';
import { Secret } from './secret.ts';

export type ConfigClass<T extends object = object> = new () => T;

/** A default that follows from the fields before it. `text` is how the documentation prints it. */
export interface Derived<T> {
  readonly text: string;
  readonly from: (config: T) => unknown;
}

export interface EnvField {
  /** Name of the property on the config class. */
  property: string;
  /** Name of the environment variable. */
  name: string;
  /** One sentence: what it is. */
  description: string;
  /** `undefined`: the variable must be set, unless the field is `@IsOptional()`. */
  fallback: unknown;
  type: unknown;
}

const FIELDS = Symbol('config fields');

/**
 * Binds a property of a config class to an environment variable. The property's type decides how the text is read:
 * `string`, `number`, `boolean` (true or false), `string[]` (comma separated) or `Secret`.
 *
 * A subclass that declares the property again overrides name, description and default.
 * @example @Env('PORT', 'Port of the HTTP API.', 8081) @IsPort() override port: number;
 */
export function Env(name: string, description: string, fallback?: unknown): PropertyDecorator {
  return (target, key) => {
    const property = String(key);
    const type: unknown = Reflect.getMetadata('design:type', target, key);
    const own = (Reflect.getOwnMetadata(FIELDS, target.constructor) ?? []) as EnvField[];
    Reflect.defineMetadata(FIELDS, [...own, { property, name, description, fallback, type }], target.constructor);
  };
}

/** A default computed from the fields read before it, with the text that documentation shows for it. */
export function derived<T extends object>(text: string, from: (config: T) => unknown): Derived<T> {
  return { text, from };
}

export function isDerived(value: unknown): value is Derived<object> {
  return typeof value === 'object' && value !== null && 'from' in value && typeof value.from === 'function';
}

/** The fields of a config class, base class first, each name once. */
export function fieldsOf(type: ConfigClass): EnvField[] {
  const chain: object[] = [];
  for (let at: object | null = type; at && at !== Function.prototype; at = Object.getPrototypeOf(at) as object | null) {
    chain.unshift(at);
  }
  const fields = new Map<string, EnvField>();
  for (const level of chain) {
    const own = (Reflect.getOwnMetadata(FIELDS, level) ?? []) as EnvField[];
    for (const field of own) fields.set(field.property, field);
  }
  return [...fields.values()];
}

export interface ConfigEntry {
  name: string;
  description: string;
  type: 'string' | 'number' | 'boolean' | 'list' | 'secret';
  /** How the default prints; absent where there is none. */
  default?: string;
}

/** What the documentation says about a config class: the source of `.env.example` and of the tables in the READMEs. */
export function describeConfig(type: ConfigClass): ConfigEntry[] {
  return fieldsOf(type).map(({ name, description, fallback, type: of }) => ({
    name,
    description,
    type: typeName(of),
    ...(fallback === undefined ? {} : { default: isDerived(fallback) ? fallback.text : printed(fallback) }),
  }));
}

function printed(fallback: unknown): string {
  return Array.isArray(fallback) ? fallback.join(',') : String(fallback);
}

function typeName(type: unknown): ConfigEntry['type'] {
  if (type === Number) return 'number';
  if (type === Boolean) return 'boolean';
  if (type === Array) return 'list';
  return type === Secret ? 'secret' : 'string';
}
