import { getMetadataStorage, validateSync } from 'class-validator';
import { fieldsOf, isDerived } from './env.ts';
import type { ConfigClass, EnvField } from './env.ts';
import { Secret } from './secret.ts';

/** sysexits.h EX_CONFIG: a supervisor can tell a wrong configuration from a crash and not restart in a loop. */
export const EXIT_CONFIG = 78;

/** What a development machine may do and production must not: refused there however it is spelled. */
const DEVELOPMENT_ONLY = ['ALLOW_TEST_CLOCK', 'WEBHOOK_ALLOW_HTTP', 'WEBHOOK_ALLOWED_CIDRS'];
const OFF = new Set(['', 'false']);

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every problem of a configuration, at once. It names variables, never values: a value may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`the configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`);
  }
}

/** Reads the configuration, or prints every problem and ends the process with `EXIT_CONFIG`. */
export function loadConfig<T extends object>(type: ConfigClass<T>, env: Environment = process.env): T {
  try {
    return readConfig(type, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
}

/** As `loadConfig`, but throws a `ConfigError`. */
export function readConfig<T extends object>(type: ConfigClass<T>, env: Environment): T {
  const fields = fieldsOf(type);
  const config = new type() as Record<string, unknown>;
  const problems: string[] = [];
  const unread = new Set<string>();
  for (const field of fields) {
    // A default that follows from fields which could not be read would only repeat their problem.
    if (unread.size > 0 && isDerived(field.fallback) && !env[field.name]) {
      unread.add(field.property);
      continue;
    }
    try {
      config[field.property] = valueOf(field, env, config);
    } catch (error) {
      unread.add(field.property);
      problems.push(`${field.name}: ${(error as Error).message}`);
    }
  }
  problems.push(...missing(type, config, fields, unread), ...violations(config, fields, unread));
  if (config['environment'] !== 'development') problems.push(...developmentLeftovers(config, fields, env));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config) as T;
}

function valueOf(field: EnvField, env: Environment, config: object): unknown {
  const text = env[field.name]?.trim();
  if (text !== undefined && text !== '') return parse(text, field.type);
  if (isDerived(field.fallback)) return field.fallback.from(config);
  if (field.fallback !== undefined && field.type === Secret) return new Secret(field.fallback as string);
  return field.fallback;
}

function parse(text: string, type: unknown): unknown {
  if (type === Number) {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error('must be a number');
    return Number(text);
  }
  if (type === Boolean) {
    if (text !== 'true' && text !== 'false') throw new Error('must be true or false');
    return text === 'true';
  }
  if (type === Array) return text.split(',').map((item) => item.trim());
  return type === Secret ? new Secret(text) : text;
}

/** A field without any rule must be there all the same; one with rules says so itself, unless it is `@IsOptional()`. */
function missing(
  type: ConfigClass,
  config: Record<string, unknown>,
  fields: readonly EnvField[],
  unread: ReadonlySet<string>,
) {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', true, false);
  const ruled = new Set(rules.map(({ propertyName }) => propertyName));
  return fields
    .filter(({ property }) => config[property] === undefined && !ruled.has(property) && !unread.has(property))
    .map(({ name }) => `${name}: is required`);
}

function violations(config: object, fields: readonly EnvField[], unread: ReadonlySet<string>): string[] {
  return validateSync(config, { forbidUnknownValues: false })
    .filter(({ property }) => !unread.has(property))
    .map(({ property, constraints, value }) => {
      const name = fields.find((field) => field.property === property)?.name ?? property;
      if (value === undefined) return `${name}: is required`;
      return `${name}: ${Object.values(constraints ?? {})
        .join(', ')
        .replaceAll(property, name)}`;
    });
}

function developmentLeftovers(
  config: Record<string, unknown>,
  fields: readonly EnvField[],
  env: Environment,
): string[] {
  const flags = DEVELOPMENT_ONLY.filter((name) => !OFF.has(env[name]?.trim() ?? ''));
  const secrets = fields.filter(({ property }) => {
    const value = config[property];
    return value instanceof Secret && value.isDevelopment();
  });
  return [
    ...flags.map((name) => `${name}: is refused in production`),
    ...secrets.map(({ name }) => `${name}: is a development secret, refused in production`),
  ];
}
