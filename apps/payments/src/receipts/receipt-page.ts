import { createHash } from 'node:crypto';
import html from 'html-template-tag';
import type { ReceiptText } from './receipt-text.ts';

const style = `
  :root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
  main { max-width: 32rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.25rem; }
  .amount { font-size: 2rem; font-weight: 700; margin: 0; }
  [role=note] { border: 2px solid; padding: .75rem 1rem; font-weight: 700; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .5rem 1.5rem; }
  dd { margin: 0; overflow-wrap: anywhere; }
  @media print { main { margin: 0; } }
`;
const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing is loaded and nothing runs: the page is words and its own style. */
export const receiptPagePolicy = [
  `default-src 'none'`,
  `style-src 'sha256-${styleHash}'`,
  ...['frame-ancestors', 'base-uri', 'form-action'].map((name) => `${name} 'none'`),
].join('; ');

export function receiptPage({ title, amount, notice, lines }: ReceiptText): string {
  const rows = lines.map(
    ([label, value]) =>
      html`<dt>${label}</dt>
        <dd>${value}</dd>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          $${style}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p class="amount">${amount}</p>
          $${notice === null ? '' : html`<p role="note">${notice}</p>`}
          <dl>$${rows.join('\n')}</dl>
        </main>
      </body>
    </html> `;
}
