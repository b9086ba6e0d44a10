import html from 'html-template-tag';
import { createHash } from 'node:crypto';

/** A page to read and to print: a receipt, an invoice. */
export interface Paper {
  readonly title: string;
  readonly amount: string;
  /** What has to be seen first: that it is void, say. */
  readonly notice: string | null;
  readonly lines: readonly (readonly [label: string, value: string])[];
  /** HTML below the lines, with every value in it escaped. */
  readonly below?: string;
}

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

/** Nothing is loaded and nothing runs: the page is words and its own style. */
export const paperPolicy = [
  `default-src 'none'`,
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  ...['frame-ancestors', 'base-uri', 'form-action'].map((name) => `${name} 'none'`),
].join('; ');

export function paperPage({ title, amount, notice, lines, below = '' }: Paper): string {
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
          $${below}
        </main>
      </body>
    </html> `;
}
