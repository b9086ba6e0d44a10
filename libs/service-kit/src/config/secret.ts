import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** A value that no log, error or JSON prints. Only `reveal()` gives it away: search for that word to find every use. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /**
   * Whether it is one that the development set-up makes up: it starts with `dev-`, or is a URL whose password or a
   * JSON document of which a value does.
   */
  isDevelopment(): boolean {
    return /^dev-|:dev-[^/]*@|"\s*dev-/.test(this.#value);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
