/** The bytes that part an interchange, as codes. They are said anew by each ISA. */
export interface Delimiters {
  readonly element: number;
  readonly component: number;
  readonly terminator: number;
}

export const LF = 0x0a;
export const CR = 0x0d;
const ISA_ELEMENTS = 16;
/** An ISA has 106 bytes, and a few more where it is wrapped or its elements are not padded as they must be. */
export const ISA_BYTES_MAX = 256;

const isBreak = (code: number): boolean => code === LF || code === CR;
export const isLetterOrDigit = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

/** Whether it may stand between elements; not what is missing, a word going on, or a blank between words. */
export const maySeparate = (code: number): boolean =>
  !Number.isNaN(code) && !isLetterOrDigit(code) && !isBreak(code) && code !== 0x20;

/**
 * What the ISA at `at` says. The fields are counted and not taken from bytes 103 to 105, because files that are wrapped
 * at 80 break the ISA as well, and some writers do not pad it. Null when it is no ISA.
 */
export function delimitersOfIsa(text: string, at: number): Delimiters | null {
  const element = text.charCodeAt(at + 3);
  if (!text.startsWith('ISA', at) || !maySeparate(element)) return null;
  const end = Math.min(text.length, at + ISA_BYTES_MAX);
  let i = at + 3;
  for (let seen = 0; i < end; i++) {
    if (text.charCodeAt(i) === element && (seen += 1) === ISA_ELEMENTS) break;
  }
  do i++;
  while (i < end && isBreak(text.charCodeAt(i)));
  if (i + 1 >= end) return null;
  const component = text.charCodeAt(i);
  const terminator = terminatorAfter(text, i + 1);
  return terminator === null || component === element ? null : { element, component, terminator };
}

/** A line break is the terminator only when a segment begins behind it; else it is where the file is wrapped. */
function terminatorAfter(text: string, at: number): number | null {
  const first = text.charCodeAt(at);
  if (!isBreak(first)) return Number.isNaN(first) || isLetterOrDigit(first) ? null : first;
  let i = at;
  while (isBreak(text.charCodeAt(i)) || text.charCodeAt(i) === 0x20) i++;
  const next = text.charCodeAt(i);
  return Number.isNaN(next) || isLetterOrDigit(next) ? first : next;
}

/** Without an envelope the first ST or GS shows two of the three; components are then parted as nearly all do it. */
export function delimitersOfFirst(text: string, at: number): Delimiters | null {
  const element = text.charCodeAt(at + 2);
  if (!(text.startsWith('ST', at) || text.startsWith('GS', at))) return null;
  if (!maySeparate(element)) return null;
  for (let i = at + 3; i < text.length && i < at + ISA_BYTES_MAX; i++) {
    const code = text.charCodeAt(i);
    const belongs = code === element || isLetterOrDigit(code) || ' .-_/&'.includes(text.charAt(i));
    if (!belongs) return { element, component: 0x3a, terminator: code };
  }
  return null;
}
