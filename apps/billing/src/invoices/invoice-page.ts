import { paperPage } from '@quittance/service-kit/http/paper';
import html from 'html-template-tag';
import type { InvoiceText, InvoiceTextItem } from './invoice-text.ts';

export function invoicePage({ items, sums, ...paper }: InvoiceText): string {
  const below = html`<table>
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
  </table>`;
  return paperPage({ ...paper, below });
}

function row({ label, amount }: InvoiceTextItem): string {
  return html`<tr>
    <th scope="row">${label}</th>
    <td>${amount}</td>
  </tr>`;
}
