import type { Done } from './operations.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string) => text.replace(/[&<>"]/g, (character) => entities[character]!);

/** What a bank shows when it wants to hear from its customer. */
export function actionPage({ ref, amountMinor, currency, status }: Done, returnTo: string | null): string {
  const asks = status === 'requires_action';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox bank</title>
</head>
<body>
<main>
<h1>Sandbox bank</h1>
<p>Is this payment yours? ${escape(currency)}, ${amountMinor} in minor units.</p>
${asks ? form(ref, returnTo) : `<p>Nothing is left to do: ${escape(status)}.</p>`}
</main>
</body>
</html>
`;
}

function form(ref: string, returnTo: string | null): string {
  const hidden = returnTo === null ? '' : `<input type="hidden" name="return_to" value="${escape(returnTo)}">\n`;
  return `<form method="post" action="/actions/${encodeURIComponent(ref)}">
${hidden}<button name="approve" value="true">Approve</button>
<button name="approve" value="false">Deny</button>
</form>`;
}

/** Only a page of the web is gone back to. */
export function pageToReturnTo(text: string | null): string | null {
  const url = text !== null && URL.canParse(text) ? new URL(text) : null;
  return url !== null && ['http:', 'https:'].includes(url.protocol) ? url.href : null;
}
