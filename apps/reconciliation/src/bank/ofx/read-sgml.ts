import { unreadable } from '../reading.ts';
import type { Element } from '../xml/element.ts';

const LIMITS = { depth: 40, elements: 5_000_000, textLength: 65_536, nameLength: 64 };
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&nbsp;': ' ' };

/**
 * OFX 1.x is SGML: an element with a value need not be closed, an aggregate must be. What was opened without a value
 * and never closed was an empty element, so what seemed to lie in it lies beside it.
 * @throws DomainError `file_unreadable` with the line
 */
export function readSgml(text: string): Element {
  const start = text.search(/<OFX>/i);
  if (start < 0) throw unreadable('line 1', 'there is no <OFX> in it');
  const root = element('', start);
  const open: Element[] = [root];
  let elements = 0;
  for (let at = start; at >= 0 && at < text.length;) {
    const end = text.indexOf('>', at);
    const name = text.slice(at + 1, end < 0 ? undefined : end).trim();
    if (end < 0 || !/^\/?[A-Za-z][\w.]*\/?$/.test(name) || name.length > LIMITS.nameLength)
      throw unreadable(lineOf(text, at), 'a tag is not as it has to be');
    const next = text.indexOf('<', end);
    const value = text.slice(end + 1, next < 0 ? undefined : next).trim();
    if (value.length > LIMITS.textLength) throw unreadable(lineOf(text, at), 'a text is too long');
    if (++elements > LIMITS.elements) throw unreadable(lineOf(text, at), 'there are too many elements');
    if (name.startsWith('/')) closeTo(open, name.slice(1).toUpperCase());
    else {
      const child = element(name.toUpperCase(), at);
      child.text = plain(value);
      open.at(-1)!.children.push(child);
      if (value === '' && !name.endsWith('/')) open.push(child);
      if (open.length > LIMITS.depth) throw unreadable(lineOf(text, at), 'elements are nested too deep');
    }
    if (open.length === 1) return root.children[0]!;
    at = next;
  }
  throw unreadable(lineOf(text, text.length), 'the file ends before its </OFX>');
}

const element = (name: string, offset: number): Element => ({ name, attributes: {}, children: [], text: '', offset });

/** An end tag of nothing that is open ends an element with a value: that is closed already. */
function closeTo(open: Element[], name: string): void {
  const at = open.findLastIndex((each) => each.name === name);
  if (at < 1) return;
  while (open.length > at + 1) {
    const unclosed = open.pop()!;
    // One by one: there may be more of them than a call takes arguments.
    for (const child of unclosed.children.splice(0)) open.at(-1)!.children.push(child);
  }
  open.pop();
}

const plain = (value: string) =>
  value.includes('&') ? value.replace(/&(?:amp|lt|gt|nbsp);/g, (entity) => ENTITIES[entity]!) : value;

function lineOf(text: string, offset: number): string {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return `line ${line}`;
}
