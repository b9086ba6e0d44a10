import type { Reply } from './delivery.ts';

/**
 * `ping`: a signed message that the receiver answers with 2xx. `handshake`: the receiver's consent by the CloudEvents
 * web hook specification, an OPTIONS request that names us.
 */
export type VerificationMethod = 'ping' | 'handshake';

export interface Consent {
  readonly isVerified: boolean;
  /** Why not: an attempt's error, `not_2xx` or `origin_not_allowed`. */
  readonly reason: string | null;
  /** Requests a minute that the receiver allows; null: as many as there are, or it did not say. */
  readonly allowedPerMinute: number | null;
}

/** What came of asking, and when the receiver of the endpoint last consented. */
export interface Verification extends Consent {
  readonly method: VerificationMethod;
  readonly status: number | null;
  readonly durationMs: number;
  readonly verifiedAt: Date | null;
}

export function judgePing({ status, error }: Pick<Reply, 'status' | 'error'>): Consent {
  const isSuccess = status !== null && status >= 200 && status < 300;
  return { isVerified: isSuccess, reason: isSuccess ? null : (error ?? 'not_2xx'), allowedPerMinute: null };
}

/** Consent is a 2xx that names our origin, or everybody's, in `WebHook-Allowed-Origin`; anything else is none. */
export function judgeHandshake(
  reply: Pick<Reply, 'status' | 'error'> & { readonly headers: Readonly<Record<string, string>> },
  origin: string,
): Consent {
  const answered = judgePing(reply);
  if (!answered.isVerified) return answered;
  const allowed = reply.headers['webhook-allowed-origin']?.trim().toLowerCase();
  if (allowed !== '*' && allowed !== origin.toLowerCase()) {
    return { isVerified: false, reason: 'origin_not_allowed', allowedPerMinute: null };
  }
  const rate = reply.headers['webhook-allowed-rate']?.trim() ?? '';
  return { ...answered, allowedPerMinute: /^[1-9]\d{0,8}$/.test(rate) ? Number(rate) : null };
}
