import fc from 'fast-check';
import { readCamt } from '../camt/read-camt.ts';
import { ElementBuilder } from './element.ts';
import type { Element } from './element.ts';
import { scanXml, xmlLimits } from './scan-xml.ts';

function rootOf(text: string | Buffer): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '', offset: 0 };
  const on = {
    begin: () => undefined,
    child: (child: Element) => void root.children.push(child),
    end: () => undefined,
  };
  scanXml(Buffer.from(text as string), new ElementBuilder((name) => name === 'root', on));
  return root;
}
const refusal = (text: string | Buffer) => {
  try {
    rootOf(text);
    return 'it was read';
  } catch (error) {
    return (error as Error).message;
  }
};

const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
  <!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><root>&lol2;</root>`;
const external = `<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><root>&x;</root>`;
const deep = `<root>${'<a>'.repeat(50)}${'</a>'.repeat(50)}</root>`;

describe('refuses, and says at which line', () => {
  it.each<[string, string | Buffer, string]>([
    ['an external entity', external, 'line 2: a document type is declared, and none is read here'],
    ['entities of entities', laughs, 'line 1: a document type is declared, and none is read here'],
    ['an entity of nobody', '<root>\n&x;</root>', 'line 2: an entity is not one of the five of XML'],
    ['a bare ampersand', '<root>a & b</root>', 'line 1: an entity is not one of the five of XML'],
    ['a character that XML has not', '<root>&#0;</root>', 'line 1: an entity is not one of the five of XML'],
    ['half of a pair', '<root>&#xD800;</root>', 'line 1: an entity is not one of the five of XML'],
    ['what is nested too deep', deep, 'line 1: elements are nested too deep'],
    ['a text without end', `<root>${'x'.repeat(70_000)}</root>`, 'line 1: a text is too long'],
    ['a text in many pieces', `<root>${'<![CDATA[xxxxxxxx]]>'.repeat(9_000)}</root>`, 'line 1: a text is too long'],
    ['a file that is cut off', '<root>\n<a>', 'line 2: the file ends inside <a>'],
    ['a tag that is cut off', '<root><a', 'line 1: a tag is not closed'],
    ['an instruction that is cut off', '<root/><?x', 'line 1: the file ends inside a comment or an instruction'],
    ['tags that cross', '<root><a><b></a></b></root>', 'line 1: an end tag closes what is not open'],
    ['a second root', '<root/><root/>', 'line 1: there is a second root element'],
    ['text beside the root', '<root/>x', 'line 1: there is text outside of the root element'],
    ['an attribute twice', '<root a="1" a="2"/>', 'line 1: an attribute is there twice'],
    ['an attribute without quotes', '<root a=1/>', 'line 1: the value of an attribute has no quotes'],
    ['no element at all', '  ', 'line 1: there is no element'],
    [
      'UTF-16 with a mark',
      Buffer.from('\uFEFF<root/>', 'utf16le'),
      'byte 3: is not of UTF-8, which is what is read here',
    ],
    ['UTF-16 without one', Buffer.from('<root/>', 'utf16le'), 'byte 1: is not of UTF-8, which is what is read here'],
    [
      'another code page',
      '<?xml version="1.0" encoding="UTF-7"?><root/>',
      'line 1: declares an encoding that is not read here',
    ],
    ['what is no UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c]), 'line 1: says UTF-8 and is not'],
  ])('%s', (_, text, reason) => {
    expect(refusal(text)).toBe(reason);
  });

  it('more elements than any statement has', () => {
    const many = Buffer.from(`<root>${'<a/>'.repeat(20)}</root>`);
    const nothing = { open: () => undefined, text: () => undefined, close: () => undefined };
    expect(() => scanXml(many, nothing, { ...xmlLimits, elements: 20 })).toThrow('there are too many elements');
    scanXml(many, nothing, { ...xmlLimits, elements: 21 });
  });
});

describe('reads', () => {
  it('names without prefixes, attributes, references and sections', () => {
    const text = `<?xml version="1.0"?><!-- a > b --><n:root xmlns:n="urn:x">
      <n:a k='&quot;1&quot;'>1 &lt; 2 &#65;&#x1F600;
      </n:a><b/><![CDATA[ignored]]><c><![CDATA[<&>]]></c></n:root>`;
    const [a, b, c] = rootOf(text).children;
    expect([a!.name, a!.attributes['k'], a!.text.trim()]).toEqual(['a', '"1"', '1 < 2 A😀']);
    expect([b!.name, b!.text, c!.text]).toEqual(['b', '', '<&>']);
  });

  it('the code page of older banks', () => {
    const text = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><root><a>'),
      Buffer.from([0xe9]),
    ]);
    expect(rootOf(Buffer.concat([text, Buffer.from('</a></root>')])).children[0]!.text).toBe('é');
  });

  it('any text back as it was written', () => {
    const escaped = (text: string) => text.replace(/[&<>]/g, (character) => `&#${character.codePointAt(0)};`);
    const plain = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(plain, (text) => {
        expect(rootOf(`<root><a>${escaped(text)}</a></root>`).children[0]?.text).toBe(text);
      }),
      { numRuns: 100 },
    );
  });
});

it('a statement with a document type is refused before anything of it is read', () => {
  const bytes = Buffer.from(
    '<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/x.dtd"><Document><BkToCstmrStmt/></Document>',
  );
  expect(() => readCamt(bytes)).toThrow('a document type is declared');
});
