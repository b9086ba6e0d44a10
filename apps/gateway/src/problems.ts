import type { ProblemCatalogue } from '@quittance/service-kit/http/problem';

/** The gateway has no rules of its own: what it refuses, it refuses with the codes that every service has. */
export const problems = {} as const satisfies ProblemCatalogue;
