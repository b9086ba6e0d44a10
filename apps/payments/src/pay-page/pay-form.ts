import type { IncomingHttpHeaders } from 'node:http';

export interface PayForm {
  /** The provider's token for what is charged. */
  readonly token: string | null;
  /** Says of which attempt the form is. */
  readonly mark: string | null;
}

/** The two fields that the page sends, whatever else came along. */
export function readForm(body: unknown): PayForm {
  const fields = new Map<string, unknown>(Object.entries(body ?? {}));
  const text = (name: string) => {
    const value = fields.get(name);
    return typeof value === 'string' && value.length > 0 && value.length <= 200 ? value : null;
  };
  return { token: text('token'), mark: text('form') };
}

/**
 * Whether a form was sent from our page, or by no browser at all. There is no cookie that another site could ride on,
 * and who wants to send the form needs the link's address; this keeps a site that got hold of it from paying in the
 * visitor's name all the same.
 */
export function isFromOurPage(
  { 'sec-fetch-site': site, origin }: IncomingHttpHeaders,
  page: { readonly origin: string; readonly isMarked: boolean },
): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  // Browsers that do not tell, or not to a plain http address; as we let them send no referrer, the origin is null.
  return origin === undefined || origin === page.origin || page.isMarked;
}
