import type {} from '@fastify/multipart';
import { createHash } from 'node:crypto';
import { Problem } from '@quittance/service-kit/http/problem';
import type { FastifyRequest } from 'fastify';

const SHA_256 = /(?:^|,)\s*sha-256=:([A-Za-z\d+/]{43}=):\s*(?=,|$)/;

/**
 * `Content-Digest` (RFC 9530) is the sender's word about the bytes of the body; its SHA-256 is held against them.
 * @throws Problem 400 when it differs, or when there is none that we could check
 */
export function checkContentDigest(request: FastifyRequest, bytes: Buffer): void {
  const header = request.headers['content-digest'];
  if (header === undefined) return;
  // There it would be of the form, which nobody keeps.
  if (request.isMultipart()) throw refused('is checked where the file is the whole body');
  const digest = SHA_256.exec(String(header))?.[1];
  if (digest === undefined) throw refused('must have a sha-256');
  if (createHash('sha256').update(bytes).digest('base64') !== digest) throw refused('is not that of the body');
}

function refused(detail: string): Problem {
  const errors = [{ header: 'Content-Digest', detail }];
  return new Problem(400, 'invalid_request', 'The Content-Digest is not valid.', { errors });
}
