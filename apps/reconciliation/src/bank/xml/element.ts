import type { Attributes, XmlHandler } from './scan-xml.ts';

/** A small part of a file, whole: an entry, a balance. */
export interface Element {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: Element[];
  text: string;
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
}

const choices = new Map<string, readonly string[]>();

/** Names of a step are cut apart once: a statement asks for the same ones a million times. */
function namesOf(step: string): readonly string[] {
  let names = choices.get(step);
  if (!names) choices.set(step, (names = step.split('|')));
  return names;
}

/** The first element on a path of names, each of which may leave a choice: `['Dt', 'Dt|DtTm']`. */
export function find(element: Element | undefined, ...path: string[]): Element | undefined {
  let at = element;
  for (const step of path) {
    if (!at) return undefined;
    const names = namesOf(step);
    at = at.children.find(({ name }) => names.includes(name));
  }
  return at;
}

/** Its text, or null where the element is missing or empty. */
export function textAt(element: Element | undefined, ...path: string[]): string | null {
  return find(element, ...path)?.text.trim() || null;
}

export const all = (element: Element | undefined, name: string): Element[] =>
  element?.children.filter((child) => child.name === name) ?? [];

/** Every element of a name below, in the order of the file. */
export function deep(element: Element, name: string): Element[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...deep(child, name)]);
}

/**
 * Builds the children of a container one by one and hands each over when it ends, so that a file of a hundred thousand
 * entries is never there as a whole.
 */
export class ElementBuilder implements XmlHandler {
  private readonly open_: Element[] = [];
  private readonly path: string[] = [];
  private containerDepth = -1;

  constructor(
    private readonly isContainer: (name: string) => boolean,
    private readonly on: {
      begin(name: string, offset: number): void;
      child(element: Element): void;
      end(): void;
    },
  ) {}

  open(name: string, attributes: Attributes, offset: number): void {
    this.path.push(name);
    if (this.containerDepth < 0) {
      if (!this.isContainer(name)) return;
      this.containerDepth = this.path.length;
      this.on.begin(name, offset);
      return;
    }
    const element: Element = { name, attributes, children: [], text: '', offset };
    this.open_.at(-1)?.children.push(element);
    this.open_.push(element);
  }

  text(text: string): void {
    const element = this.open_.at(-1);
    if (element) element.text += text;
  }

  close(): void {
    if (this.containerDepth === this.path.length) {
      this.containerDepth = -1;
      this.on.end();
    } else if (this.containerDepth > 0) {
      const element = this.open_.pop()!;
      if (this.open_.length === 0) this.on.child(element);
    }
    this.path.pop();
  }
}
