import { createHash } from 'node:crypto';
import html from 'html-template-tag';
import type { InvoiceText, InvoiceTextItem } from './invoice-text.ts';

const style = `
  :root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
  main { max-width: 36rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.25rem; }
  .amount { font-size: 2rem; font-weight: 700; margin: 0; }
  [role=note] { border: 2px solid; padding: .75rem 1rem; font-weight: 700; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .5rem 1.5rem; }
  dd { margin: 0; overflow-wrap: anywhere; }
  table { border-collapse: collapse; width: 100%; }
  caption { text-align: left; font-weight: 700; padding: .5rem 0; }
  th, td { padding: .375rem 0; text-align: left; font-weight: 400; }
  .right, td { text-align: right; }
  td { font-variant-numeric: tabular-nums; white-space: nowrap; }
  tfoot tr:first-child > * { border-top: 1px solid; }
  tfoot tr:last-child > * { border-top: 1px solid; font-weight: 700; }
  @media print { main { margin: 0; } }
`;
// One text for the page and for the hash: a browser hashes every blank between the tags.
const styleElement = `<style>${style}</style>`;
const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing is loaded and nothing runs: the page is words and its own style. */
export const invoicePagePolicy = [
  `default-src 'none'`,
  `style-src 'sha256-${styleHash}'`,
  ...['frame-ancestors', 'base-uri', 'form-action'].map((name) => `${name} 'none'`),
].join('; ');

export function invoicePage({ title, amount, notice, lines, items, sums }: InvoiceText): string {
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
        $${styleElement}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p class="amount">${amount}</p>
          $${notice === null ? '' : html`<p role="note">${notice}</p>`}
          <dl>$${rows.join('\n')}</dl>
          <table>
            <caption>
              What it is for
            </caption>
            <thead>
              <tr>
                <th scope="col">Item</th>
                <th scope="col" class="right">Amount</th>
              </tr>
            </thead>
            <tbody>
              $${items.map(row).join('\n')}
            </tbody>
            <tfoot>
              $${sums.map(row).join('\n')}
            </tfoot>
          </table>
        </main>
      </body>
    </html> `;
}

function row({ label, amount }: InvoiceTextItem): string {
  return html`<tr>
    <th scope="row">${label}</th>
    <td>${amount}</td>
  </tr>`;
}
