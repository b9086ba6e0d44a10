/** What `Authorization: Signature …` says. Nothing of it is believed yet. */
export interface PresentedSignature {
  readonly keyId: string;
  readonly algorithm: string;
  /** The names of what was signed, in the order of the signing string. */
  readonly headers: readonly string[];
  /** As sent: base64, percent-encoded. */
  readonly signature: string;
}

const LENGTH_MAX = 4096;
const SCHEME = 'signature ';
const PARAMETERS: ReadonlySet<string> = new Set(['keyId', 'algorithm', 'headers', 'signature']);
const SIGNED_MAX = 16;

/**
 * Reads the header character by character: known parameters only, each once, quoted, separated by commas. Null for
 * anything else. No pattern with alternatives is run over what a stranger sent, so no header can make this slow.
 */
export function readSignatureHeader(value: string): PresentedSignature | null {
  if (value.length > LENGTH_MAX || value.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return null;
  const parameters = readParameters(value, SCHEME.length);
  if (!parameters) return null;
  const [keyId, algorithm, signature] = ['keyId', 'algorithm', 'signature'].map((name) => parameters.get(name));
  if (!keyId || !algorithm || !signature) return null;
  const headers = readNames(parameters.get('headers'));
  return headers && { keyId, algorithm, headers, signature };
}

function readParameters(text: string, start: number): Map<string, string> | null {
  const found = new Map<string, string>();
  let at = start;
  for (;;) {
    const equals = text.indexOf('=', at);
    const name = text.slice(at, equals);
    if (equals < 0 || !PARAMETERS.has(name) || found.has(name) || text[equals + 1] !== '"') return null;
    const close = text.indexOf('"', equals + 2);
    // No escapes: none of the four values has a character that would need one.
    if (close < 0 || text.slice(equals, close).includes('\\')) return null;
    found.set(name, text.slice(equals + 2, close));
    if (close + 1 === text.length) return found;
    if (text[close + 1] !== ',') return null;
    at = text[close + 2] === ' ' ? close + 3 : close + 2;
  }
}

/** Absent or empty, the date alone was signed: so the draft says, and the vendor's older clients do it. */
function readNames(text: string | undefined): string[] | null {
  if (text === undefined || text === '') return ['date'];
  const names = text.split(' ');
  const areNames = names.every((name) => name !== '' && name === name.toLowerCase());
  return areNames && names.length <= SIGNED_MAX && new Set(names).size === names.length ? names : null;
}
