import { Type } from '@sinclair/typebox';
import type { Static, TSchema } from '@sinclair/typebox';

/** One of a closed list, as JSON Schema `enum`, which every generator of other languages turns into an enum. */
export function oneOf<const V extends readonly string[]>(...values: V) {
  return Type.Unsafe<V[number]>({ type: 'string', enum: [...values] });
}

/** The value may be null; the property itself stays required, so that "none" and "forgotten" differ. */
export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

export const Id = Type.String({ format: 'uuid' });
/** A name another system gave: opaque, taken as sent. */
export const Reference = Type.String({ minLength: 1, maxLength: 64 });
export const LocalDate = Type.String({ format: 'date' });
export const Instant = Type.String({ format: 'date-time' });
export const Currency = Type.String({ pattern: '^[A-Z]{3}$' });
export const DecimalString = Type.String({ pattern: '^-?\\d{1,16}(\\.\\d{1,4})?$' });
/** Machine-readable reason or code: snake_case, catalogue of its producer. */
export const Code = Type.String({ minLength: 1, maxLength: 64 });
export const Text = Type.String({ maxLength: 500 });

/** Money on the wire: the decimal for people, the minor units for arithmetic; both always name the same amount. */
export const WireAmount = Type.Object(
  {
    amount: DecimalString,
    amountMinor: Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
    currency: Currency,
  },
  { title: 'WireAmount' },
);
export type WireAmount = Static<typeof WireAmount>;

export const ChargeCategory = oneOf('premium', 'tax', 'fee', 'surcharge');
/** A part of an amount, by what it is for. */
export const AmountLine = Type.Object(
  { category: ChargeCategory, code: Type.Optional(Code), amount: WireAmount },
  { title: 'AmountLine' },
);
export type AmountLine = Static<typeof AmountLine>;
