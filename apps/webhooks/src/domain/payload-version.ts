type Data = Readonly<Record<string, unknown>>;

/** Makes `data` of a version into the one before; by the newer one's subject: `payment.posted.v2`. */
export type DownConverters = Readonly<Record<string, (data: Data) => Data>>;

export interface TypeVersion {
  /** What partners subscribe to, whichever version they are sent. */
  readonly name: string;
  readonly version: number;
}

/** A breaking change of an event is a new subject, `payment.posted.v2`; the first version bears no number. */
export function versionOf(subject: string): TypeVersion {
  const [, name, version] = /^(.+)\.v([1-9]\d{0,2})$/.exec(subject) ?? [];
  return name === undefined ? { name: subject, version: 1 } : { name, version: Number(version) };
}

export function subjectOf({ name, version }: TypeVersion): string {
  return version === 1 ? name : `${name}.v${version}`;
}

/**
 * Which version of each type an endpoint is sent. Its pin is a number of the whole catalogue: of every type it gets the
 * highest version up to it. Two versions are published side by side for a while, and it gets one of them only; when the
 * last one up to its pin is published no more, it gets the next one, converted down.
 */
export class PayloadVersions {
  private readonly versions: ReadonlyMap<string, readonly number[]>;

  constructor(
    subjects: readonly string[],
    private readonly converters: DownConverters,
  ) {
    const byName = Map.groupBy(subjects.map(versionOf), ({ name }) => name);
    const numbers = [...byName].map(([name, all]) => {
      return [name, all.map(({ version }) => version).toSorted((a, b) => a - b)] as const;
    });
    this.versions = new Map(numbers);
  }

  get names(): string[] {
    return [...this.versions.keys()];
  }

  /** The one that a new endpoint is pinned to. */
  get current(): number {
    return Math.max(1, ...[...this.versions.values()].flat());
  }

  /** Of one type, oldest first: what is published, and what can still be made of it. */
  of(name: string): readonly number[] {
    const published = this.versions.get(name) ?? [];
    const older: number[] = [];
    for (let version = published[0] ?? 1; this.converters[subjectOf({ name, version })] !== undefined; version -= 1) {
      older.unshift(version - 1);
    }
    return [...older, ...published];
  }

  /** Whether an endpoint with this pin is sent what is published under the subject. */
  takes(subject: string, pin: number): boolean {
    const { name } = versionOf(subject);
    // A type that a tenant publishes itself has one version, and a number in its name means nothing to us.
    return !this.versions.has(name) || subject === this.published(name, pin);
  }

  /** The subject whose events an endpoint with this pin is sent of a type. */
  published(name: string, pin: number): string {
    const versions = this.versions.get(name) ?? [];
    return subjectOf({ name, version: versions.findLast((one) => one <= pin) ?? versions[0] ?? 1 });
  }

  /** The subject under which it is sent: its own, or that of the version it is converted down to. */
  sentAs(subject: string, pin: number): string {
    const { name, version } = versionOf(subject);
    return version <= pin || !this.versions.has(name) ? subject : subjectOf({ name, version: pin });
  }

  /** `data` as the version of the pin has it. Throws where nobody wrote how to make it. */
  convert(subject: string, data: Data, pin: number): Data {
    const { name, version } = versionOf(subject);
    let converted = data;
    for (let from = version; from > pin && this.versions.has(name); from -= 1) {
      const converter = this.converters[subjectOf({ name, version: from })];
      if (converter === undefined) throw new Error(`nothing converts ${name} from version ${from} down`);
      converted = converter(converted);
    }
    return converted;
  }
}
