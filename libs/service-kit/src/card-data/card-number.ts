/** Where a card number stands in a text: from, and up to but not including. */
type Place = readonly [from: number, to: number];

/** Who issues card numbers that begin so, and how long they are. */
const issuers: readonly (readonly [begins: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[0-8]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|095|[689])/, [14, 16, 17, 18, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^6/, [16, 17, 18, 19]],
];
const DIGITS_MIN = 13;
/** One character may stand for two digits and a dot, `⒒`; with fewer than this there are no thirteen. */
const SHORTEST = 7;
const DIGITS_MAX = 19;

/** Thirteen digits with at most one space, dash or dot between two: without that there is nothing to look at. */
const ENOUGH_DIGITS = /\d(?:[ .-]?\d){12}/;
const BEYOND_ASCII = /\P{ASCII}/u;
/** What shows nothing: zero-width joins, soft hyphens, byte order marks. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const DASHES = /\p{Pd}/gu;
/** Groups of digits with one separator between two, no group glued to a letter or to another kind of digit. */
const RUNS = /(?<![\p{L}\p{N}])\d+(?![\p{L}\p{N}])(?:[ .-]\d+(?![\p{L}\p{N}]))*/gu;
/** Two shapes of digits that are something else: a UUID, and an account number printed in fours. */
const UUIDS = /(?<![\p{L}\p{N}])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\p{L}\p{N}])/giu;
const PRINTED_IBANS = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: [A-Z\d]{4}){2,7}(?: [A-Z\d]{1,3})?(?![\p{L}\p{N}])/gu;

/** Whether a text holds what looks like the number of a payment card, however it is spaced or dressed up. */
export function holdsCardNumber(text: string): boolean {
  return mayHoldCardNumber(text) && places(plainOf(text)).length > 0;
}

/** A cheap sign: where there are not enough digits, nothing else need be asked. */
export function mayHoldCardNumber(text: string): boolean {
  return text.length >= SHORTEST && ENOUGH_DIGITS.test(plainOf(text));
}

/** The text with all but the last four digits of every card number in it replaced by `*`; nothing else is touched. */
export function maskCardNumbers(text: string): string {
  if (!mayHoldCardNumber(text)) return text;
  const plain = plainOf(text);
  const found = places(plain);
  if (found.length === 0) return text;
  const origins = plain === text ? undefined : originsOf(text);
  let masked = '';
  let done = 0;
  for (const place of found) {
    const [from, to] = origins ? [origins[place[0]] ?? 0, origins[place[1]] ?? text.length] : place;
    masked += text.slice(done, from) + starred(text.slice(from, to));
    done = to;
  }
  return masked + text.slice(done);
}

/** Full-width and other digits as plain ones, every dash as one, and nothing that cannot be seen. */
function plainOf(text: string): string {
  return BEYOND_ASCII.test(text) ? folded(text) : text;
}

function folded(text: string): string {
  return text.normalize('NFKC').replace(INVISIBLE, '').replace(DASHES, '-');
}

/** For each unit of the folded text, and its end, where in the text it comes from. */
function originsOf(text: string): number[] {
  const origins: number[] = [];
  let at = 0;
  for (const character of text) {
    const width = character < '\x80' ? 1 : folded(character).length;
    for (let unit = 0; unit < width; unit++) origins.push(at);
    at += character.length;
  }
  origins.push(at);
  return origins;
}

function places(plain: string): Place[] {
  const text = plain.replace(UUIDS, blank).replace(PRINTED_IBANS, (iban) => (isIban(iban) ? blank(iban) : iban));
  return [...text.matchAll(RUNS)].flatMap(({ 0: run, index }) => placesInRun(run, index));
}

const blank = (text: string): string => '#'.repeat(text.length);

/**
 * A run may hold more than the card number, an amount before it or a date behind: any of its groups may begin one.
 * Numbers that overlap are one place, so that masking leaves of neither more than the end.
 */
function placesInRun(run: string, offset: number): Place[] {
  const groups = [...run.matchAll(/\d+/g)];
  const found: Place[] = [];
  groups.forEach(({ index }, first) => {
    let digits = '';
    for (const group of groups.slice(first, first + DIGITS_MAX)) {
      digits += group[0];
      if (digits.length > DIGITS_MAX) break;
      if (digits.length >= DIGITS_MIN && isCardNumber(digits)) {
        add(found, [offset + index, offset + group.index + group[0].length]);
      }
    }
  });
  return found;
}

function add(found: Place[], [from, to]: Place): void {
  const last = found.at(-1);
  if (last && from < last[1]) found[found.length - 1] = [last[0], Math.max(last[1], to)];
  else found.push([from, to]);
}

function isCardNumber(digits: string): boolean {
  return (
    issuers.some(([begins, lengths]) => lengths.includes(digits.length) && begins.test(digits)) && passesLuhn(digits)
  );
}

/** ISO/IEC 7812: of the digits from the right, every second one doubled, the sum is a multiple of ten. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[at]);
    const doubled = (digits.length - at) % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** ISO 13616: letters count from 10, the first four characters go last, the remainder by 97 is 1. */
function isIban(printed: string): boolean {
  const compact = printed.replaceAll(' ', '');
  const number = [...compact.slice(4), ...compact.slice(0, 4)].map((character) => parseInt(character, 36)).join('');
  return BigInt(number) % 97n === 1n;
}

function starred(number: string): string {
  let digitsLeft = [...number].filter(isDigit).length;
  return [...number].map((character) => (isDigit(character) && digitsLeft-- > 4 ? '*' : character)).join('');
}

const isDigit = (character: string): boolean => /\p{N}/u.test(character);
