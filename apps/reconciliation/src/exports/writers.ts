import { writeBeancount } from './beancount.ts';
import type { GlWriter } from './gl-book.ts';
import { writeGlCsv } from './gl-csv.ts';
import { writeHledger } from './hledger.ts';
import { writeIif } from './iif.ts';
import { writeDailyQbo, writeDetailedQbo } from './quickbooks-online.ts';
import { writeXero } from './xero.ts';

export const exportFormats = ['hledger', 'beancount', 'iif', 'qbo', 'xero', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** How QuickBooks Online is told: by day and account, or entry by entry. The others always tell every entry. */
export const exportDetails = ['daily', 'entries'] as const;
export type ExportDetail = (typeof exportDetails)[number];

const writers: Readonly<Record<ExportFormat, GlWriter>> = {
  hledger: writeHledger,
  beancount: writeBeancount,
  iif: writeIif,
  qbo: writeDailyQbo,
  xero: writeXero,
  csv: writeGlCsv,
};

export function writerOf(format: ExportFormat, detail: ExportDetail): GlWriter {
  return format === 'qbo' && detail === 'entries' ? writeDetailedQbo : writers[format];
}
