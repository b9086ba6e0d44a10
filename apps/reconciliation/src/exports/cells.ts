/** A spreadsheet takes a text that begins so for a formula, and would run it. */
const FORMULA = /^[=+\-@\t\r]/;

/** A text in a cell: never a formula. Names that others gave (of policies, of sources) may be anything. */
export function safeText(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** RFC 4180: quoted where it must be. An amount goes through bare, for `-25.67` is a number and stays one. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}

/** Where a format knows no quoting, what separates its cells cannot be within one. */
export function tabRow(cells: readonly string[]): string {
  return `${cells.map((cell) => cell.replace(/[\t\r\n]/g, ' ')).join('\t')}\r\n`;
}
