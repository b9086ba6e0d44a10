import type { LoggerService } from '@nestjs/common';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { pino } from 'pino';
import type { DestinationStream, Logger as Pino } from 'pino';
import { inspect } from 'node:util';
import { maskCardData } from '../card-data/card-data.ts';
import { mayHoldCardNumber } from '../card-data/card-number.ts';
import { logFields } from './log-fields.ts';

/** Nest's own list of everything that it wires, at every start. */
const FRAMEWORK = new Set<unknown>([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
  'NestMicroservice',
]);

export interface LoggerOptions {
  name: string;
  level: string;
  instance?: string;
}

/** JSON lines on standard output, each with the active trace. */
export function createLogger({ name, level, instance }: LoggerOptions, destination?: DestinationStream): PinoLogger {
  const options = {
    level,
    base: { service: name, ...(instance === undefined ? {} : { instance }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Not pino's redaction: to look for secrets below every field costs a twelfth of what a core can serve.
    formatters: { level: (label: string) => ({ level: label }), log: logFields },
    // What comes here is made by `logFields` already; pino's own serializer would add its fields again.
    serializers: { err: (made: unknown) => made },
    // The last resort, over the whole line: what no rule above foresaw.
    hooks: { streamWrite: masked },
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
  };
  return new PinoLogger(destination ? pino(options, destination) : pino(options));
}

/** Read as the JSON that it is: in its text the `n` of a line break stands before a number like a letter. */
function masked(line: string): string {
  return mayHoldCardNumber(line) ? `${JSON.stringify(maskCardData(JSON.parse(line)))}\n` : line;
}

/** What Nest's own `Logger` writes to: `new Logger(X.name)` in a class is all that a service needs. */
export class PinoLogger implements LoggerService {
  constructor(readonly pino: Pino) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /**
   * Nest calls `(message, …, context)` and, for errors, `(message, stack, context)`. Pino wants fields first: an object
   * or error may come first or second, a text beside it is the message.
   */
  private write(level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace', first: unknown, rest: unknown[]): void {
    const fields: Record<string, unknown> = {};
    const texts = rest.filter((item): item is string => typeof item === 'string');
    const context = texts.pop();
    if (context !== undefined) fields['context'] = context;
    const stack = texts.find((text) => text.includes('\n    at '));
    if (stack !== undefined) fields['stack'] = stack;
    let message: string | undefined = texts.find((text) => text !== stack);
    for (const item of [first, ...rest]) {
      if (item instanceof Error) fields['err'] = item;
      else if (typeof item === 'object' && item !== null) Object.assign(fields, item);
    }
    if (typeof first === 'string') message = first;
    else if (first instanceof Error) message ??= first.message;
    else if (typeof first !== 'object') message ??= inspect(first);
    this.pino[level](fields, message);
  }
}
