import { holdsCardNumber, maskCardNumbers } from './card-number.ts';

/** A place in a value that holds card data: the names that lead there, and what it is. Never the value. */
export interface Finding {
  readonly path: readonly string[];
  readonly detail: string;
}

/** Names under which nothing is taken, whatever it is: security codes, card numbers and magnetic stripes. */
const REFUSED_NAME = /^(?:cvv|cvc|cvv2|cid|pan|card_?number|track[12]?)$/i;
const FINDINGS_MAX = 100;
const MASK = '[masked]';

/** Everything in a JSON value or a form, keys and numbers too, that looks like card data; at most a hundred places. */
export function findCardData(value: unknown): Finding[] {
  const findings: Finding[] = [];
  collect(value, [], findings);
  return findings;
}

/** `path` is the way to `value`, one array for the whole walk: it is copied where something was found. */
function collect(value: unknown, path: string[], findings: Finding[]): void {
  if (findings.length >= FINDINGS_MAX) return;
  if (isText(value)) {
    if (holdsCardNumber(String(value))) findings.push({ path: [...path], detail: 'looks like a card number' });
    return;
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const name of Object.keys(value)) {
    // Named by its parent, and nothing below it: its own pointer would repeat the number.
    if (holdsCardNumber(name)) {
      findings.push({ path: [...path], detail: 'has a name that looks like a card number' });
      continue;
    }
    path.push(name);
    if (REFUSED_NAME.test(name)) findings.push({ path: [...path], detail: 'is a name of card data' });
    else collect((value as Record<string, unknown>)[name], path, findings);
    path.pop();
  }
}

/** The value with every card number masked, and whatever has a refused name. */
export function maskCardData(value: unknown): unknown {
  if (isText(value)) {
    const text = String(value);
    const masked = maskCardNumbers(text);
    return masked === text ? value : masked;
  }
  if (Array.isArray(value)) return value.map(maskCardData);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      maskCardNumbers(name),
      REFUSED_NAME.test(name) ? MASK : maskCardData(item),
    ]),
  );
}

const isText = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
