import { formatAmount } from '@quittance/money/money';
import html from 'html-template-tag';
import { isMethodStored, planOf } from '../domain/payment-link.ts';
import type { PaymentLink } from '../domain/payment-link.ts';
import type { Failure } from '../domain/outcome.ts';
import type { Payment } from '../domain/payment.ts';
import type { Page } from './page.ts';
import type { ProviderField } from './provider-field.ts';
import { texts } from './texts.ts';

/** What the page knows when it is drawn. */
export interface LinkView {
  readonly link: PaymentLink;
  readonly isPayable: boolean;
  /** The link's latest payment. */
  readonly payment: Payment | null;
  /** Of the receipt, once there is one. */
  readonly receiptPath: string | null;
  /** Where the customer acts at the bank, if the bank asks for it. */
  readonly actionUrl: string | null;
}

export interface FormParts {
  readonly field: ProviderField | null;
  /** Says of which attempt this form is, under our seal. */
  readonly mark: string;
  readonly nonce: string;
  /** Why the form is here again. */
  readonly problem: Problem | null;
}

export interface Problem {
  readonly status: number;
  readonly text: string;
}

export function linkPage(view: LinkView, form: FormParts): Page {
  const { link, isPayable } = view;
  if (isPayable) return payablePage(link, form);
  switch (link.status) {
    case 'completed':
    case 'partially_refunded':
    case 'refunded':
      return paidPage(view);
    case 'processing':
      return processingPage(view);
    case 'cancelled':
      return closedPage(link, texts.cancelledTitle, texts.cancelled);
    default:
      return closedPage(link, texts.expiredTitle, texts.expired);
  }
}

export function failureText(failure: Failure | null): string {
  return (failure && texts.failures[failure.recommendedAction]) ?? texts.anyFailure;
}

function payablePage(link: PaymentLink, { field, mark, nonce, problem }: FormParts): Page {
  const amount = money(link, link.amountMinor);
  const pay = field
    ? html`<form method="post">
        <input type="hidden" name="form" value="${mark}" />
        $${field.html(link, nonce)} $${consent(link)}
        <button class="button">${texts.pay(amount)}</button>
      </form>`
    : html`<div class="note"><p>${texts.cannotPayHere}</p></div>`;
  return {
    status: problem?.status ?? 200,
    title: problem ? texts.problemTitle : texts.payableTitle,
    payee: payeeOf(link),
    main: html`<h1>${texts.payableTitle}</h1>
      $${problem ? problemNote(problem) : ''} $${sum(texts.amountDue, amount)}
      $${facts(link, [
        [texts.dueOn, link.dueOn === null ? null : day(new Date(link.dueOn))],
        [texts.expiresAt, minute(link.expiresAt)],
      ])}
      $${pay}`,
    footer: field
      ? html`<p>${texts.once}</p>
          <p>${texts.cardsElsewhere}</p>`
      : undefined,
  };
}

/** Read out by itself: who does not see the page must not miss that nothing was paid. */
function problemNote({ text }: Problem): string {
  return html`<div class="note bad" role="alert">
    <h2>${texts.problemTitle}</h2>
    <p>${text} ${texts.notCharged}</p>
  </div>`;
}

function consent(link: PaymentLink): string {
  if (!isMethodStored(link)) return '';
  return html`<div class="note">
    <p>${consentText(link)}</p>
  </div>`;
}

function consentText(link: PaymentLink): string {
  const plan = planOf(link);
  if (plan === null) return texts.subscription(payeeOf(link));
  const each = money(link, plan.perInstallmentMinor);
  return texts.plan({ count: plan.count, each, interval: texts.intervals[plan.interval], payee: payeeOf(link) });
}

function paidPage({ link, payment, receiptPath }: LinkView): Page {
  const refunded = link.amountRefundedMinor > 0n ? money(link, link.amountRefundedMinor) : null;
  return {
    status: 200,
    title: texts.paidTitle,
    payee: payeeOf(link),
    main: html`<div class="mark" aria-hidden="true">✓</div>
      <h1 class="done">${texts.paidTitle}</h1>
      <p>${texts.paid}</p>
      $${sum(texts.amountPaid, money(link, link.amountMinor))}
      $${facts(link, [
        [texts.amountRefunded, refunded],
        [texts.paidAt, link.completedAt && minute(link.completedAt)],
        [texts.reference, payment?.displayId ?? null],
      ])}
      $${receiptPath === null ? '' : html`<a class="button quiet" href="$${receiptPath}">${texts.receipt}</a>`}`,
  };
}

function processingPage({ link, payment, actionUrl }: LinkView): Page {
  const title = actionUrl === null ? texts.processingTitle : texts.actionTitle;
  const next =
    actionUrl === null
      ? html`<p>${texts.processing}</p>
          <a class="button quiet" href="?">${texts.checkAgain}</a>`
      : // A URL that a parser has written: quotes are encoded in it.
        html`<p>${texts.action}</p>
          <a class="button" href="$${actionUrl}">${texts.continueAtBank}</a>`;
  return {
    ...{ status: 200, title, payee: payeeOf(link) },
    main: html`<h1>${title}</h1>
      $${next}
      $${facts(link, [
        [texts.amount, money(link, link.amountMinor)],
        [texts.reference, payment?.displayId ?? null],
      ])}`,
  };
}

function closedPage(link: PaymentLink, title: string, text: string): Page {
  const main = html`<h1>${title}</h1>
    <p>${text}</p>
    $${facts(link, [])}`;
  return { status: 410, title, payee: payeeOf(link), main };
}

function sum(label: string, amount: string): string {
  return html`<p class="sum"><span class="label">${label}</span> <strong class="amount">${amount}</strong></p>`;
}

function facts(link: PaymentLink, others: readonly (readonly [string, string | null])[]): string {
  const rows = [
    [texts.payee, payeeOf(link)] as const,
    [texts.purpose, texts.purposes[link.paymentType]] as const,
    [texts.policy, link.policyId] as const,
    ...others,
  ].filter(([, value]) => value !== null);
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value!}</dd>
        </div>`,
    )}
  </dl>`;
}

function payeeOf(link: PaymentLink): string {
  return link.payeeName ?? texts.defaultPayee;
}

function money({ currency }: PaymentLink, minor: bigint): string {
  // The format takes the decimal text as it is: no amount passes through a floating-point number.
  const amount = formatAmount({ minor, currency }) as Intl.StringNumericLiteral;
  return new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(amount);
}

const days = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' });
const minutes = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

const day = (date: Date) => days.format(date);
const minute = (instant: Date) => `${minutes.format(instant)} UTC`;
