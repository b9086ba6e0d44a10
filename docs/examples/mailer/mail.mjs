// A receipt as a mail (RFC 5322): a line of text, and the PDF beside it.

/** Nothing that was read from elsewhere may begin a header of its own. */
const inOneLine = (text) => String(text).replace(/[\r\n]+/g, ' ');

/** Payments made by a link carry their customer; for the others an address book of your own has to know. */
function addressee({ customer, policyholderLocator }) {
  const email = customer?.email;
  if (email && /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(email)) return email;
  return policyholderLocator
    ? `"${inOneLine(policyholderLocator).replaceAll('"', "'")}":;`
    : 'undisclosed-recipients:;';
}

const standings = {
  partially_refunded: 'A part of it was refunded since.',
  refunded: 'It was refunded since.',
  returned: 'It was taken back by the bank since.',
  reversed: 'It was reversed since.',
};

export function mailOf(receipt, pdf) {
  const { id, number, amount, currency, paidDate, issuedTimestamp, standing } = receipt;
  const boundary = `receipt-${id}`;
  const words = `We received ${amount} ${currency} on ${paidDate}. ${standings[standing] ?? ''}`.trim();
  return [
    'From: receipts@example.com',
    `To: ${addressee(receipt)}`,
    `Subject: Receipt ${inOneLine(number)}`,
    `Date: ${new Date(issuedTimestamp).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@example.com>`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    words,
    `--${boundary}`,
    `Content-Type: application/pdf; name="${number}.pdf"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${number}.pdf"`,
    '',
    ...(pdf.toString('base64').match(/.{1,76}/g) ?? []),
    `--${boundary}--`,
    '',
  ].join('\r\n');
}
