import { DomainError } from '../domain/errors.ts';

export interface CsvRow {
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Longer than any cell of a report; a quote that never closes must not swallow the file. */
const CELL_MAX = 10_000;

/** Comma-separated rows by RFC 4180: quoted cells may hold commas, doubled quotes and line breaks. */
export function* csvRows(text: string): Generator<CsvRow> {
  let line = 1;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const begins = line;
    const cells: string[] = [];
    for (let isOver = false; !isOver;) {
      const cell = cellAt(text, at, line);
      cells.push(cell.value);
      line += cell.breaks;
      at = cell.end + 1;
      isOver = text[cell.end] !== ',';
    }
    if (text[at - 1] === '\r' && text[at] === '\n') at += 1;
    line += 1;
    if (cells.length > 1 || cells[0] !== '') yield { line: begins, cells };
  }
}

interface Cell {
  readonly value: string;
  /** Where the comma, the line break or the end of the text stands. */
  readonly end: number;
  readonly breaks: number;
}

function cellAt(text: string, from: number, line: number): Cell {
  if (text[from] !== '"') {
    let end = from;
    while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end += 1;
    return { value: text.slice(from, end).trim(), end, breaks: 0 };
  }
  let end = from + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end < 0 || end - from > CELL_MAX) throw badLine(line, 'opens a quote that nothing closes');
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  const value = text.slice(from + 1, end).replaceAll('""', '"');
  const next = text[end + 1];
  if (next !== undefined && !',\r\n'.includes(next)) throw badLine(line, 'goes on after a closing quote');
  return { value: value.trim(), end: end + 1, breaks: value.split('\n').length - 1 };
}

export function badLine(line: number, what: string): DomainError {
  return new DomainError('file_unreadable', `Line ${line} ${what}.`, { line });
}
