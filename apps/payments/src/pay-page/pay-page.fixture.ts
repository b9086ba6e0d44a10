// The hosted page as somebody uses it without a browser: a form that is posted, and what comes back.
import type { Payments } from '../testing/harness.itest.ts';

export interface PageAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly headers: Headers;
  readonly html: string;
}

export function payPage({ service }: Pick<Payments, 'service'>) {
  const send = async (url: string, init: RequestInit = {}): Promise<PageAnswer> => {
    // The address of the link is the gateway's; the service has the same path.
    const { pathname, search } = new URL(url, service.url);
    const answer = await fetch(`${service.url}${pathname}${search}`, { redirect: 'manual', ...init });
    const { status, headers } = answer;
    return { status, headers, location: headers.get('location'), html: await answer.text() };
  };
  return {
    open: (url: string) => send(url),
    pay: (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      send(url, { method: 'POST', body: new URLSearchParams(fields), headers }),
    send,
  };
}

/** The mark in a page's form: which attempt it is for. */
export function markIn({ html }: PageAnswer): string {
  return /name="form" value="([^"]+)"/.exec(html)?.[1] ?? '';
}
