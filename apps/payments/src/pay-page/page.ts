import html from 'html-template-tag';
import type { Allowed } from './provider-field.ts';
import { css } from './style.ts';
import { texts } from './texts.ts';

/** A page that is ready to be sent. */
export interface Page {
  readonly status: number;
  readonly title: string;
  /** Who asks for the money, above everything. */
  readonly payee?: string | undefined;
  /** HTML, with every value in it escaped. */
  readonly main: string;
  readonly footer?: string | undefined;
}

export function document({ title, payee = texts.defaultPayee, main, footer }: Page, nonce: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style nonce="${nonce}">
          $${css}
        </style>
      </head>
      <body>
        <div class="page">
          <header>${payee}</header>
          <main>$${main}</main>
          $${footer === undefined ? '' : html`<footer>$${footer}</footer>`}
        </div>
      </body>
    </html> `;
}

/** A page with nothing to do on it. */
export function notice(status: number, title: string, text: string): Page {
  return {
    status,
    title,
    main: html`<h1>${title}</h1>
      <p>${text}</p>`,
  };
}

/** Nothing but our own style, our own form, and what the provider's field needs. */
export function contentPolicy(nonce: string, { script, frame, connect }: Allowed = {}): string {
  return [
    `default-src 'none'`,
    `style-src 'nonce-${nonce}'`,
    `img-src data:`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
    ...(script ? [`script-src 'nonce-${nonce}' ${script}`] : []),
    ...(frame ? [`frame-src ${frame}`] : []),
    ...(connect ? [`connect-src ${connect}`] : []),
  ].join('; ');
}
