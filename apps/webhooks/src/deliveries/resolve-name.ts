import { lookup, Resolver } from 'node:dns/promises';

const budgetMs = 2_000;

/** Every address of a name, A and AAAA; throws when there is none, or none in time. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/**
 * Asks DNS itself and not getaddrinfo, which has four threads for the whole process: the dead name server of one
 * tenant's domain would hold up everybody's new connections. Only names that DNS does not know, or where there is no
 * DNS, which is said at once, are asked of the system, for hosts files and search domains. `servers` are for tests.
 */
export function nameResolver(servers?: readonly string[]): ResolveName {
  const resolver = new Resolver({ timeout: 600, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  return async (name) => {
    // By RFC 6761 these are nobody's to answer but ours.
    if (/(^|\.)localhost$/i.test(name)) return ['127.0.0.1', '::1'];
    // The two do not wait for each other: a server that leaves AAAA unanswered costs time and not the delivery.
    const answers = await Promise.allSettled([inTime(resolver.resolve4(name)), inTime(resolver.resolve6(name))]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    if (servers !== undefined || !answers.every(isUnknown)) throw new Error('no address');
    return (await inTime(lookup(name, { all: true }))).map(({ address }) => address);
  };
}

function isUnknown(answer: PromiseSettledResult<unknown>): boolean {
  const { code } = (answer.status === 'rejected' ? answer.reason : {}) as NodeJS.ErrnoException;
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'ECONNREFUSED';
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), budgetMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
