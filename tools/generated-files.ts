/** Content by path, relative to the repository's root. */
export type Files = Record<string, string>;
