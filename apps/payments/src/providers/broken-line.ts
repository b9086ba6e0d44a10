import type { ProviderOutcome } from '../domain/outcome.ts';

export type NoAnswer = Extract<ProviderOutcome, { kind: 'unknown' | 'never_reached' }>;

/** Errors that arise before the first byte of a request is sent. */
const notSentCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What a failed request means: nothing happened only where nothing was sent. */
export function noAnswer(error: unknown): NoAnswer {
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  if (code !== undefined && notSentCodes.has(code)) return { kind: 'never_reached', reason: code };
  return { kind: 'unknown', reason: name === 'TimeoutError' ? 'timeout' : (code ?? message ?? 'error') };
}

/** Whether nobody was there at all, whichever operation asked: a provider that answers "not now" was there. */
export function isNobodyThere(reason: string): boolean {
  return notSentCodes.has(reason);
}
