/** Names of headers whose value is a credential, or may be. */
const CREDENTIAL = /authorization|cookie|signature|token|secret|key/i;
const REDACTED = '[redacted]';

export const isCredential = (name: string): boolean => CREDENTIAL.test(name);

/** A receiver's headers as they are kept: that one was there stays to be seen, what it said does not. */
export function redacted(
  headers: Readonly<Record<string, string>>,
  masked: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isCredential(name) ? REDACTED : masked(value)]),
  );
}
