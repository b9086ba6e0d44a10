import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ProblemItem } from '@quittance/service-kit/http/problem';
import type { Auth } from '../domain/endpoint-auth.ts';

/** What is wrong with a client's certificate, key and roots, each with its place; nothing: a handshake can use them. */
export function certificateProblems({ certificate = '', privateKey = '', ca }: Auth, now: Date): ProblemItem[] {
  const own = attempt(() => new X509Certificate(certificate));
  const key = attempt(() => createPrivateKey(privateKey));
  const problems = [
    ...(own === null ? [at('certificate', 'is no certificate in PEM')] : validity('certificate', own, now)),
    ...(key === null ? [at('privateKey', 'is no private key in PEM, or is encrypted')] : []),
    ...(ca === undefined ? [] : rootProblems(ca, now)),
  ];
  if (problems.length > 0 || own === null || key === null) return problems;
  if (!own.checkPrivateKey(key)) return [at('privateKey', 'is not the key of the certificate')];
  const usable = attempt(() => createSecureContext({ cert: certificate, key: privateKey, ca, minVersion: 'TLSv1.2' }));
  return usable === null ? [at('certificate', 'cannot be used with TLS')] : [];
}

function rootProblems(ca: string, now: Date): ProblemItem[] {
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const roots = blocks.map((block) => attempt(() => new X509Certificate(block)));
  if (roots.length === 0 || roots.includes(null))
    return [at('ca', 'holds no certificate in PEM, or one that is broken')];
  return roots.flatMap((root) => (root === null ? [] : validity('ca', root, now))).slice(0, 1);
}

function validity(field: string, { validToDate, validFromDate }: X509Certificate, now: Date): ProblemItem[] {
  if (validToDate <= now) return [at(field, 'has expired')];
  return validFromDate > now ? [at(field, 'is not valid yet')] : [];
}

const at = (field: string, detail: string): ProblemItem => ({ pointer: `/auth/${field}`, detail });

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
