import { unreadable } from '../reading.ts';

export interface Mt940Field {
  readonly tag: string;
  /** With the lines that follow it. */
  readonly text: string;
  readonly place: string;
}

const TAG = /^:(\d{2}[A-Z]?):(.*)$/;
/** What lies around a message: SWIFT's blocks, the end mark, control characters of a transfer. */
const ENVELOPE = /^(?:\{[1235]:.*|-\}?.{0,40})$/;
const LINE_MAX = 4_096;
const FIELD_MAX = 65_536;

/** The fields of each message, in their order. A message begins at its :20:, and ends at a line of its own. */
export function mt940Messages(text: string): Mt940Field[][] {
  const messages: { tag: string; text: string; place: string }[][] = [];
  let isInside = false;
  let number = 0;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    number++;
    if (raw.length > LINE_MAX) throw unreadable(`line ${number}`, 'is too long');
    const line = printable(raw);
    const found = TAG.exec(line.startsWith('{') ? line.slice(line.lastIndexOf('{4:') + 3) : line);
    if (found) {
      const [, tag = '', rest = ''] = found;
      if (tag === '20') messages.push([]);
      else if (!isInside) throw unreadable(`line ${number}`, `:${tag}: is of no message: its :20: is missing`);
      isInside = true;
      messages.at(-1)!.push({ tag, text: rest, place: `line ${number}` });
    } else if (isInside && isEnd(line)) isInside = false;
    else if (isInside) append(messages.at(-1)!.at(-1)!, line);
    else if (line.trim() !== '' && !ENVELOPE.test(line)) throw unreadable(`line ${number}`, 'is of no message');
  }
  return messages;
}

/** Without what a transfer leaves around a message: SOH, ETX and their like. */
const printable = (line: string) => [...line].filter((character) => character >= ' ' || character === '\t').join('');
const isEnd = (line: string) => line === '-' || line.startsWith('-}') || line.startsWith('{1:');

function append(field: { text: string; place: string }, line: string): void {
  field.text += `\n${line}`;
  if (field.text.length > FIELD_MAX) throw unreadable(field.place, 'is too long');
}
