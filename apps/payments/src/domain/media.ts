import { DomainError } from './errors.ts';

/** What may be attached to a payment: scans and prints of cheques and letters, and lists. */
export const mediaTypes = [
  ...['application/pdf', 'image/png', 'image/jpeg', 'image/tiff'],
  ...['text/csv', 'text/plain'],
] as const;

/** A file kept beside a payment. Its bytes are elsewhere, and never change. */
export interface Media {
  readonly tenantId: string;
  readonly id: string;
  readonly paymentId: string;
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** Of the bytes as they are kept, in hexadecimal. */
  readonly sha256: string;
  /** Card numbers in it were masked before it was kept. */
  readonly masked: boolean;
  /** It seems to hold card numbers, where they cannot be masked: a person should look. */
  readonly suspected: boolean;
  readonly createdAt: Date;
}

const NAME_MAX = 128;

/** The sender's name for a file without folders and without what a file system or a header stumbles over. */
export function fileName(given: string | undefined, contentType: string): string {
  const last = (given ?? '').split(/[/\\]/).at(-1) ?? '';
  const name = last
    .replace(/[\p{C}"<>:|?*]/gu, '')
    .replace(/^[. ]+/, '')
    .slice(0, NAME_MAX)
    .trim();
  return name || `file.${extensions[contentType] ?? 'bin'}`;
}

const extensions: Readonly<Record<string, string>> = {
  ...{ 'application/pdf': 'pdf', 'image/png': 'png', 'image/jpeg': 'jpg', 'image/tiff': 'tif' },
  ...{ 'text/csv': 'csv', 'text/plain': 'txt' },
};

/** The type that a file claims, when it is one that we take and its bytes do not say otherwise. */
export function agreedType(claimed: string, found: string | null): string {
  if (!mediaTypes.some((type) => type === claimed)) {
    throw new DomainError('media_type_not_accepted', `A file may be ${mediaTypes.join(', ')}.`);
  }
  if (claimed !== found && !(isText(claimed) && found === 'text/plain')) {
    throw new DomainError('media_type_mismatch', `The file is not what its content type says, ${claimed}.`);
  }
  return claimed;
}

export function isText(contentType: string): boolean {
  return contentType.startsWith('text/');
}
