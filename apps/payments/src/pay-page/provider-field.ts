import html from 'html-template-tag';
import type { PaymentLink } from '../domain/payment-link.ts';
import { sandboxInstruments, texts } from './texts.ts';

/** A provider's part of the form: what fills its field `token`, and what the page has to allow for that. */
export interface ProviderField {
  /** The sites, and nothing beyond them, that the provider's own script needs. */
  readonly allow: { readonly script?: string; readonly frame?: string; readonly connect?: string };
  html(link: PaymentLink, nonce: string): string;
  /** Where the customer acts at the provider, told where to come back to. */
  actionUrl(url: string, returnTo: string): string;
}

/** Test instruments by name, as the sandbox is for development: no script, nothing from another host. */
export const sandboxField: ProviderField = {
  allow: {},
  html: () => html`
    <label for="token">${texts.sandboxLabel}</label>
    <select id="token" name="token" aria-describedby="token-hint">
      ${sandboxInstruments.map(([token, label]) => html`<option value="${token}">${label}</option>`)}
    </select>
    <p class="hint" id="token-hint">${texts.sandboxHint}</p>
  `,
  actionUrl: (url, returnTo) => {
    const action = new URL(url);
    action.searchParams.set('return_to', returnTo);
    return action.href;
  },
};
