import PDFDocument from 'pdfkit';
import type { InvoiceText, InvoiceTextItem } from './invoice-text.ts';

/** The fonts that every reader has know Latin letters; what they do not know is shown as a question mark. */
const latin = (text: string) => text.replace(/[^\x20-\x7e\xa0-\xff]/gu, '?');

type Tag = 'H1' | 'P';

/** The same invoice in the same state is the same bytes whenever it is asked for: its only date is its own. */
export function invoicePdf({ title, amount, notice, lines, items, sums }: InvoiceText, at: Date): Promise<Buffer> {
  const document = new PDFDocument({
    ...{ size: 'A4', margin: 56, lang: 'en', displayTitle: true, pdfVersion: '1.7', tagged: true },
    info: { Title: title, CreationDate: at, ModDate: at, Producer: 'quittance', Creator: 'quittance' },
  });
  const parts: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (part: Buffer) => parts.push(part));
    document.on('end', () => resolve(Buffer.concat(parts)));
    document.on('error', reject);
  });
  const write = (text: string, type: Tag) =>
    document.addStructure(document.struct(type, {}, () => void document.text(latin(text))));
  document.font('Helvetica-Bold').fontSize(16);
  write(title, 'H1');
  document.moveDown(0.5).fontSize(26);
  write(amount, 'P');
  document.moveDown(0.5).fontSize(11);
  if (notice !== null) write(notice, 'P');
  document.moveDown(0.5).font('Helvetica');
  for (const [label, value] of lines) write(`${label}: ${value}`, 'P');
  document.moveDown();
  table(document, items, sums);
  document.end();
  return whole;
}

/** Read aloud it is a table, too: each row has a header and its amount. */
function table(document: PDFKit.PDFDocument, items: readonly InvoiceTextItem[], sums: readonly InvoiceTextItem[]) {
  const structure = document.struct('Table');
  document.addStructure(structure);
  for (const item of items) structure.add(row(document, item));
  rule(document);
  for (const item of sums.slice(0, -1)) structure.add(row(document, item));
  document.font('Helvetica-Bold');
  for (const item of sums.slice(-1)) structure.add(row(document, item));
  structure.end();
}

function row(document: PDFKit.PDFDocument, { label, amount }: InvoiceTextItem): PDFKit.PDFStructureElement {
  const { left, right } = document.page.margins;
  const width = document.page.width - left - right;
  const y = document.y;
  const tableRow = document.struct('TR');
  const cell = (type: 'TH' | 'TD', text: string, align: 'left' | 'right') =>
    tableRow.add(
      document.struct(type, {}, () => void document.text(latin(text), left, y, { width, align, lineGap: 4 })),
    );
  cell('TH', label, 'left');
  cell('TD', amount, 'right');
  tableRow.end();
  return tableRow;
}

function rule(document: PDFKit.PDFDocument): void {
  const { left, right } = document.page.margins;
  const y = document.y + 2;
  document.markContent('Artifact', { type: 'Layout' });
  document
    .moveTo(left, y)
    .lineTo(document.page.width - right, y)
    .lineWidth(0.5)
    .stroke();
  document.endMarkedContent();
  document.y = y + 6;
}
