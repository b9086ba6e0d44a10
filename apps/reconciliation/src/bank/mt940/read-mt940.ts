import type { BankLine, BankStatement } from '../../domain/bank-statement.ts';
import { currencyOf, minorOf, shortDayOf, textOf, unreadable } from '../reading.ts';
import { mt940Line } from './mt940-line.ts';
import { mt940Messages } from './mt940-messages.ts';
import type { Mt940Field } from './mt940-messages.ts';

export const detectsMt940 = (head: string): boolean =>
  /(?:^|[\n\r]|\{4:\s{0,2}):20:[^\n\r]{0,64}[\n\r]/.test(head.startsWith(SOH) ? head.slice(1) : head);

/** What some transfers put before a message. */
const SOH = '\u0001';

interface Balance {
  readonly amount: bigint;
  readonly currency: string;
  readonly on: string;
}

/**
 * MT940 and MT942, in SWIFT's envelope or without one. What 60 opens and the lines add must be what 62 closes with;
 * an interim report says the sums of its lines in 90 instead.
 * @throws DomainError `file_unreadable` with the line
 */
export function readMt940(bytes: Buffer): BankStatement[] {
  const messages = mt940Messages(textOf(bytes));
  if (messages.length === 0) throw unreadable('line 1', 'there is no message in it');
  return messages.map((message) => new Message(message).read());
}

class Message {
  private readonly place: string;

  constructor(private readonly fields: readonly Mt940Field[]) {
    this.place = fields[0]!.place;
  }

  read(): BankStatement {
    const opening = this.balance('60F', '60M');
    const closing = this.balance('62F', '62M');
    const currency = opening?.currency ?? closing?.currency ?? this.floorCurrency();
    if (currency === null) throw unreadable(this.place, 'nothing says in which currency it is');
    const warnings: string[] = [];
    const lines = this.lines(currency, warnings);
    const to = closing?.on ?? this.stamp() ?? lines.at(-1)?.bookedOn ?? opening?.on;
    if (!to) throw unreadable(this.place, 'nothing says of which day it is');
    const faults = this.sumFaults(lines, currency);
    if (opening && closing && opening.currency !== closing.currency)
      faults.push(`it opens in ${opening.currency} and closes in ${closing.currency}`);
    return {
      kind: opening || closing ? 'statement' : 'interim',
      ...{ account: this.account(), sequence: this.sequence(), reference: this.text('20') },
      ...{
        from: opening?.on ?? null,
        to,
        currency,
        opening: opening?.amount ?? null,
        closing: closing?.amount ?? null,
      },
      ...{ lines, faults, warnings },
    };
  }

  private field(...tags: string[]): Mt940Field | undefined {
    return this.fields.find(({ tag }) => tags.includes(tag));
  }

  private text(...tags: string[]): string | null {
    return this.field(...tags)?.text.trim() || null;
  }

  /** Each :61:, with the :86: that follows it; one that follows a balance is about the whole. */
  private lines(currency: string, warnings: string[]): BankLine[] {
    return this.fields.flatMap((field, index) => {
      if (field.tag !== '61') return [];
      const next = this.fields[index + 1];
      const read = mt940Line(field, next?.tag === '86' ? next.text : '', currency);
      warnings.push(...read.warnings);
      return [read.line];
    });
  }

  /** Mark, date, currency, amount: `C131016EUR84349,74`. */
  private balance(...tags: string[]): Balance | null {
    const field = this.field(...tags);
    if (!field) return null;
    const found = /^([CD])(\d{6})([A-Z]{3})(\d{1,15}(?:[,.]\d{0,5})?)\s*$/.exec(field.text);
    const day = shortDayOf(found?.[2] ?? '');
    if (!found || !day) throw unreadable(field.place, `:${field.tag}: is not as it has to be`);
    const currency = currencyOf(found[3]!, field.place);
    const minor = minorOf(found[4]!, currency, field.place);
    return { amount: found[1] === 'D' ? -minor : minor, currency, on: day.date };
  }

  /** The currency of 34F: the amount from which on lines are reported. */
  private floorCurrency(): string | null {
    const field = this.field('34F');
    const code = /^[A-Z]{3}/.exec(field?.text ?? '')?.[0];
    return field && code ? currencyOf(code, field.place) : null;
  }

  /** 13D or 13: when an interim report was made. */
  private stamp(): string | null {
    return shortDayOf((this.text('13D', '13') ?? '').slice(0, 6))?.date ?? null;
  }

  private account(): BankStatement['account'] {
    const text = this.text('25', '25P')?.split('\n')[0]?.trim();
    if (!text) throw unreadable(this.place, ':25: is missing: nothing says of which account it is');
    const [, bank = null, number = text] = /^([^/]{1,35})\/(.+)$/.exec(text) ?? [];
    return { number: number.replace(/\s+/g, ''), bank };
  }

  /** '00027/001' is 27/1. */
  private sequence(): string | null {
    const text = this.text('28C', '28');
    const found = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(text ?? '');
    if (!found) return text;
    return [found[1], found[2]]
      .filter((part) => part !== undefined)
      .map(Number)
      .join('/');
  }

  /** 90D and 90C: `2EUR100,`, number and sum of debits and credits. */
  private sumFaults(lines: readonly BankLine[], currency: string): string[] {
    const sides = [
      { tag: '90D', sign: -1n },
      { tag: '90C', sign: 1n },
    ];
    return sides.flatMap(({ tag, sign }) => {
      const field = this.field(tag);
      const found = /^(\d{1,5})([A-Z]{3})(\d{1,15}(?:[,.]\d{0,5})?)\s*$/.exec(field?.text ?? '');
      if (!field || !found) return [];
      const side = lines.filter(({ amount }) => amount * sign > 0n);
      const sum = side.reduce((total, { amount }) => total + amount * sign, 0n);
      const said = minorOf(found[3]!, currency, field.place);
      const isRight = Number(found[1]) === side.length && said === sum;
      return isRight ? [] : [`:${tag}: says ${found[1]} lines of ${said}, there are ${side.length} of ${sum}`];
    });
  }
}
