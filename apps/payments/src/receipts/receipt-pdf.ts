import PDFDocument from 'pdfkit';
import type { ReceiptText } from './receipt-text.ts';

/** The fonts that every reader has know Latin letters; what they do not know is shown as a question mark. */
const latin = (text: string) => text.replace(/[^\x20-\x7e\xa0-\xff]/gu, '?');

/** One page. The same receipt is the same bytes whenever it is asked for: its only date is that of the receipt. */
export function receiptPdf({ title, amount, notice, lines }: ReceiptText, issuedAt: Date): Promise<Buffer> {
  const document = new PDFDocument({
    ...{ size: 'A5', margin: 40, lang: 'en', displayTitle: true, pdfVersion: '1.7', tagged: true },
    info: { Title: title, CreationDate: issuedAt, ModDate: issuedAt, Producer: 'quittance', Creator: 'quittance' },
  });
  const parts: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (part: Buffer) => parts.push(part));
    document.on('end', () => resolve(Buffer.concat(parts)));
    document.on('error', reject);
  });
  const write = (text: string, type: 'H1' | 'P') =>
    document.addStructure(document.struct(type, {}, () => void document.text(latin(text))));
  document.font('Helvetica-Bold').fontSize(14);
  write(title, 'H1');
  document.moveDown(0.5).fontSize(24);
  write(amount, 'P');
  document.moveDown(0.5).fontSize(11);
  if (notice !== null) write(notice, 'P');
  document.moveDown(0.5).font('Helvetica');
  for (const [label, value] of lines) write(`${label}: ${value}`, 'P');
  document.end();
  return whole;
}
