/** The codes that the kit itself answers with. Services add their own in `problems.ts`. */
export const kitProblems = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request is not valid' },
  idempotency_key_required: { status: 400, title: 'An Idempotency-Key is required' },
  unauthorized: { status: 401, title: 'Authentication is required' },
  forbidden: { status: 403, title: 'The credential lacks the scope' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  invalid_transition: { status: 409, title: 'The state does not allow this' },
  request_in_progress: { status: 409, title: 'A request with this key is still running' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  card_data_not_accepted: { status: 422, title: 'Card data is not accepted' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'A dependency is not available' },
} as const satisfies ProblemCatalogue;

export type KitProblemCode = keyof typeof kitProblems;

/** Error code → HTTP status and title. A service's `problems.ts` is a `Record` over its closed set of codes. */
export type ProblemCatalogue = Readonly<Record<string, { status: number; title: string }>>;

/** What is wrong with one value: `pointer` (RFC 6901) in the body, `parameter` of query or path, or `header`. */
export interface ProblemItem {
  pointer?: string;
  parameter?: string;
  header?: string;
  detail: string;
}

export interface ProblemExtra {
  errors?: readonly ProblemItem[];
  allowedActions?: readonly string[];
  /** Extension members of the document, such as what is left where too much was asked for. */
  members?: Readonly<Record<string, string>>;
  /** Seconds, becomes the `Retry-After` header. */
  retryAfter?: number;
  /** The private half: logged, never sent. */
  cause?: unknown;
}

/** The document that goes over the wire (RFC 9457). */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  errors?: readonly ProblemItem[];
  allowedActions?: readonly string[];
}

/**
 * An answer that is not a success. Only controllers, guards and pipes throw it; rules throw a `DomainError`.
 *
 * @example throw new Problem(422, 'unknown_payment_method', 'There is no such payment method.', {
 *   errors: [{ pointer: '/paymentMethodId', detail: 'unknown' }],
 * });
 */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly extra: ProblemExtra = {},
  ) {
    super(detail, 'cause' in extra ? { cause: extra.cause } : undefined);
  }
}

/** 404. Another tenant's id must answer exactly as an id that does not exist, so nothing else builds this answer. */
export function notFound(what: string, id: string): Problem {
  return new Problem(404, 'not_found', `There is no ${what} ${id}.`);
}

/** 400 with everything that is wrong, each with its place. */
export function invalidRequest(errors: readonly ProblemItem[]): Problem {
  const detail = errors.length === 1 ? 'One value is not valid.' : `${errors.length} values are not valid.`;
  return new Problem(400, 'invalid_request', detail, { errors });
}
