import { isUtf8 } from 'node:buffer';
import { unreadable } from '../reading.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface XmlHandler {
  /** Names come without their prefix; `offset` is where the element begins, in bytes. */
  open(name: string, attributes: Attributes, offset: number): void;
  text(text: string): void;
  close(): void;
}

/** What no honest statement needs more of. */
export const xmlLimits = { depth: 40, elements: 5_000_000, textBytes: 65_536, nameBytes: 256, attributes: 32 };

const [LT, GT, SLASH, BANG, QUESTION] = [0x3c, 0x3e, 0x2f, 0x21, 0x3f];
const [EQUALS, QUOTE, APOSTROPHE] = [0x3d, 0x22, 0x27];
const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const endsName = (byte: number) => isSpace(byte) || byte === GT || byte === SLASH || byte === EQUALS;
const startsName = (byte: number | undefined) =>
  byte !== undefined &&
  ((byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || byte >= 0x80);

/**
 * Walks over XML once, from the first byte to the last. There is no document type and so no entity to be declared: a
 * file that has one is refused at it, whatever it declares. It holds nothing but the names of the open elements.
 * @throws DomainError `file_unreadable` with the line, for what is not well formed or beyond the limits
 */
export function scanXml(bytes: Buffer, handler: XmlHandler, limits = xmlLimits): void {
  new Scanner(bytes, handler, limits).run();
}

export function lineAt(bytes: Buffer, offset: number): string {
  let line = 1;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < offset; at = bytes.indexOf(0x0a, at + 1)) line++;
  return `line ${line}`;
}

class Scanner {
  private at = 0;
  private readonly open: string[] = [];
  private elements = 0;
  private textBytes = 0;
  private isOver = false;
  private readonly decode: (start: number, end: number) => string;

  constructor(
    private readonly bytes: Buffer,
    private readonly handler: XmlHandler,
    private readonly limits: typeof xmlLimits,
  ) {
    this.decode = this.decoder();
  }

  run(): void {
    const { bytes } = this;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.at = 3;
    while (this.at < bytes.length) {
      const start = this.at;
      while (this.at < bytes.length && bytes[this.at] !== LT) this.at++;
      if (this.at > start) this.characters(start, this.at);
      if (this.at < bytes.length) this.markup();
    }
    if (this.open.length > 0) throw this.fault(`the file ends inside <${this.open.at(-1)}>`);
    if (!this.isOver) throw this.fault('there is no element');
  }

  private decoder(): (start: number, end: number) => string {
    const { bytes } = this;
    const zero = bytes.indexOf(0);
    if (zero >= 0 || (bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0xff && bytes[1] === 0xfe))
      throw unreadable(`byte ${Math.max(zero, 0)}`, 'is not of UTF-8, which is what is read here');
    const declared = /^[^<]{0,3}<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
      bytes.toString('latin1', 0, 256),
    );
    const encoding = (declared?.[1] ?? 'utf-8').toLowerCase();
    if (encoding === 'utf-8' || encoding === 'us-ascii') {
      if (!isUtf8(bytes)) throw unreadable('line 1', 'says UTF-8 and is not');
      return (start, end) => bytes.toString('utf8', start, end);
    }
    if (encoding !== 'iso-8859-1' && encoding !== 'windows-1252')
      throw unreadable('line 1', 'declares an encoding that is not read here');
    const latin = new TextDecoder('windows-1252');
    return (start, end) => latin.decode(bytes.subarray(start, end));
  }

  private markup(): void {
    const next = this.bytes[this.at + 1];
    if (next === SLASH) this.endTag();
    else if (next === QUESTION) this.skipTo('?>', 2);
    else if (next !== BANG) this.startTag();
    else if (this.bytes.toString('latin1', this.at, this.at + 4) === '<!--') this.skipTo('-->', 4);
    else if (this.bytes.toString('latin1', this.at, this.at + 9) === '<![CDATA[') this.cdata();
    else throw this.fault('a document type is declared, and none is read here');
  }

  private skipTo(end: string, from: number): number {
    const found = this.bytes.indexOf(end, this.at + from, 'latin1');
    if (found < 0) throw this.fault('the file ends inside a comment or an instruction');
    this.at = found + end.length;
    return found;
  }

  private cdata(): void {
    const start = this.at + 9;
    const end = this.skipTo(']]>', 9);
    if (this.open.length === 0) throw this.fault('there is text outside of the root element');
    this.count(end - start);
    this.handler.text(this.decode(start, end));
  }

  private characters(start: number, end: number): void {
    if (this.open.length === 0) {
      for (let i = start; i < end; i++)
        if (!isSpace(this.bytes[i])) throw this.fault('there is text outside of the root element');
      return;
    }
    this.count(end - start);
    this.handler.text(this.plain(start, end));
  }

  private count(size: number): void {
    this.textBytes += size;
    if (this.textBytes > this.limits.textBytes) throw this.fault('a text is too long');
  }

  private startTag(): void {
    const offset = this.at;
    this.at++;
    if (this.isOver) throw this.fault('there is a second root element');
    const name = this.name();
    const attributes = this.attributes();
    const isEmpty = this.bytes[this.at] === SLASH;
    if (isEmpty) this.at++;
    if (this.bytes[this.at] !== GT) throw this.fault('a tag is not closed');
    this.at++;
    this.textBytes = 0;
    if (++this.elements > this.limits.elements) throw this.fault('there are too many elements');
    if (this.open.length >= this.limits.depth) throw this.fault('elements are nested too deep');
    this.handler.open(localName(name), attributes, offset);
    this.open.push(name);
    if (isEmpty) this.closeElement();
  }

  private endTag(): void {
    this.at += 2;
    const name = this.name();
    while (isSpace(this.bytes[this.at])) this.at++;
    if (this.bytes[this.at] !== GT) throw this.fault('an end tag is not closed');
    if (this.open.at(-1) !== name) throw this.fault('an end tag closes what is not open');
    this.at++;
    this.closeElement();
  }

  private closeElement(): void {
    this.open.pop();
    this.textBytes = 0;
    this.handler.close();
    if (this.open.length === 0) this.isOver = true;
  }

  private name(): string {
    const start = this.at;
    if (!startsName(this.bytes[start])) throw this.fault('a name is expected');
    while (this.at < this.bytes.length && !endsName(this.bytes[this.at]!)) this.at++;
    if (this.at - start > this.limits.nameBytes) throw this.fault('a name is too long');
    return this.bytes.toString('latin1', start, this.at);
  }

  private attributes(): Attributes {
    const found: Record<string, string> = Object.create(null) as Record<string, string>;
    for (let n = 0; ; n++) {
      const before = this.at;
      while (isSpace(this.bytes[this.at])) this.at++;
      const byte = this.bytes[this.at];
      if (byte === GT || byte === SLASH || byte === undefined) return found;
      if (n >= this.limits.attributes) throw this.fault('an element has too many attributes');
      if (this.at === before) throw this.fault('attributes are not apart');
      const name = this.name();
      if (name in found) throw this.fault('an attribute is there twice');
      found[name] = this.value();
    }
  }

  private value(): string {
    while (isSpace(this.bytes[this.at])) this.at++;
    if (this.bytes[this.at] !== EQUALS) throw this.fault('an attribute has no value');
    this.at++;
    while (isSpace(this.bytes[this.at])) this.at++;
    const quote = this.bytes[this.at];
    if (quote !== QUOTE && quote !== APOSTROPHE) throw this.fault('the value of an attribute has no quotes');
    const start = ++this.at;
    while (this.at < this.bytes.length && this.bytes[this.at] !== quote && this.bytes[this.at] !== LT) this.at++;
    if (this.bytes[this.at] !== quote) throw this.fault('the value of an attribute is not closed');
    if (this.at - start > this.limits.textBytes) throw this.fault('a text is too long');
    return this.plain(start, this.at++);
  }

  /** Text with its references resolved: five names and numbers, nothing else. */
  private plain(start: number, end: number): string {
    const text = this.decode(start, end);
    if (!text.includes('&')) return text;
    return text.replace(/&([^;&]{0,12};)?/g, (_, reference: string | undefined) => {
      const found = reference === undefined ? null : characterOf(reference.slice(0, -1));
      if (found === null) throw this.fault('an entity is not one of the five of XML');
      return found;
    });
  }

  private fault(what: string): Error {
    return unreadable(lineAt(this.bytes, this.at), what);
  }
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1);
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function characterOf(reference: string): string | null {
  if (Object.hasOwn(named, reference)) return named[reference]!;
  const found = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(reference);
  if (!found) return null;
  const code = found[1] === undefined ? Number(found[2]) : Number.parseInt(found[1], 16);
  const isCharacter = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0x10ffff);
  return isCharacter && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : null;
}
