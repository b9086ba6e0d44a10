import { Catch, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseUnavailable } from '../database/errors.ts';
import { kitProblems, Problem } from './problem.ts';
import type { KitProblemCode, ProblemCatalogue, ProblemDocument, ProblemExtra, ProblemItem } from './problem.ts';

/** What `domain/errors.ts` of every service throws. Known by name: the kit cannot import it. */
interface DomainErrorLike extends Error {
  code: string;
  context?: { allowedActions?: readonly string[]; errors?: readonly ProblemItem[]; members?: ProblemExtra['members'] };
}

const codeByStatus: Readonly<Record<number, KitProblemCode>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

/** Any error as a problem: what it says is public, the error itself stays behind as `cause`. */
export function toProblem(error: unknown, catalogue: ProblemCatalogue): Problem {
  if (error instanceof Problem) return error;
  if (isDomainError(error)) return domainProblem(error, catalogue);
  if (isDatabaseUnavailable(error)) {
    return new Problem(503, 'unavailable', 'A dependency is not available, try again.', {
      retryAfter: 1,
      cause: error,
    });
  }
  const status = clientStatus(error);
  const code = codeByStatus[status];
  if (code) return new Problem(status, code, publicDetail(status, code), { cause: error });
  return new Problem(500, 'internal', 'Something went wrong on our side.', { cause: error });
}

function isDomainError(error: unknown): error is DomainErrorLike {
  return error instanceof Error && error.name === 'DomainError' && 'code' in error && typeof error.code === 'string';
}

function domainProblem(error: DomainErrorLike, catalogue: ProblemCatalogue): Problem {
  const { code, message, context = {} } = error;
  const known = own(catalogue, code) ?? own<ProblemCatalogue[string]>(kitProblems, code);
  if (!known) return new Problem(500, 'internal', 'Something went wrong on our side.', { cause: error });
  const extra: ProblemExtra = { cause: error };
  if (context.errors) extra.errors = context.errors;
  if (context.allowedActions) extra.allowedActions = context.allowedActions;
  if (context.members) extra.members = context.members;
  return new Problem(known.status, code, message, extra);
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The status of an error that the framework made: Nest's own exceptions and Fastify's `statusCode`. */
function clientStatus(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}

/** Framework texts may quote input or internals, so each code has a sentence of its own. */
function publicDetail(status: number, code: KitProblemCode): string {
  if (status === 404) return 'There is nothing at this path.';
  return `${kitProblems[code].title}.`;
}

/** Renders every error of HTTP as `application/problem+json`. Never a stack, SQL or a provider's text. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger(ProblemFilter.name);

  constructor(
    private readonly catalogue: ProblemCatalogue = {},
    private readonly typeBase = '/docs/problems/',
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(error, this.catalogue);
    if (problem.status >= 500) this.log.error({ err: problem.cause ?? problem, requestId: request.id }, problem.detail);
    // A handler that streams has already answered: there is nothing left to say to the client.
    if (reply.sent) return;
    const { retryAfter } = problem.extra;
    if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply
      .status(problem.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify(this.render(problem, request.id)));
  }

  private render(problem: Problem, instance: string): ProblemDocument {
    const { status, code, detail, extra } = problem;
    const known = own(this.catalogue, code) ?? own<ProblemCatalogue[string]>(kitProblems, code);
    return {
      ...extra.members,
      type: `${this.typeBase}${code}`,
      title: known?.title ?? code.replaceAll('_', ' '),
      status,
      detail,
      instance,
      code,
      ...(extra.errors?.length ? { errors: extra.errors } : {}),
      ...(extra.allowedActions ? { allowedActions: extra.allowedActions } : {}),
    };
  }
}
