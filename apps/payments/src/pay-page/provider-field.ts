import html from 'html-template-tag';
import type { PaymentLink } from '../domain/payment-link.ts';
import { sandboxInstruments, texts } from './texts.ts';

/** The sites, and nothing beyond them, that a provider's own script needs. */
export interface Allowed {
  readonly script?: string;
  readonly frame?: string;
  readonly connect?: string;
}

/** A provider's part of the form: what fills its field `token`, and what the page has to allow for that. */
export interface ProviderField {
  readonly allow: Allowed;
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

const stripeSites = 'https://js.stripe.com https://*.js.stripe.com';

/** Stripe's own field, in Stripe's frame: what is typed into it never passes through us. The one third-party script. */
export const stripeField = (publishableKey: string): ProviderField => ({
  allow: { script: stripeSites, frame: `${stripeSites} https://hooks.stripe.com`, connect: 'https://api.stripe.com' },
  html: ({ amountMinor, currency }, nonce) => {
    const setup = { key: publishableKey, amount: Number(amountMinor), currency: currency.toLowerCase() };
    return html`
      <div id="provider" data-setup="${JSON.stringify(setup)}"></div>
      <input type="hidden" id="token" name="token" />
      <p class="hint" id="provider-problem" role="alert"></p>
      <noscript><p class="note">${texts.needsScript}</p></noscript>
      <script nonce="${nonce}" src="$${'https://js.stripe.com/v3/'}"></script>
      <script nonce="${nonce}">
        $${stripeScript};
      </script>
    `;
  },
  actionUrl: (url) => url,
});

/** On submit, the field's content becomes a token at Stripe, and only that is sent to us. */
const stripeScript = `
const place = document.getElementById('provider');
const { key, ...asked } = JSON.parse(place.dataset.setup);
const stripe = Stripe(key);
const elements = stripe.elements({ mode: 'payment', paymentMethodCreation: 'manual', ...asked });
elements.create('payment').mount(place);
const form = place.closest('form');
form.addEventListener('submit', async (event) => {
  const token = document.getElementById('token');
  if (token.value) return;
  event.preventDefault();
  const { error: invalid } = await elements.submit();
  const { error, paymentMethod } = invalid ? { error: invalid } : await stripe.createPaymentMethod({ elements });
  document.getElementById('provider-problem').textContent = error ? error.message : '';
  if (error) return;
  token.value = paymentMethod.id;
  form.submit();
});`.trim();
