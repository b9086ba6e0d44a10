import { Problem } from '@quittance/service-kit/http/problem';
import { validated } from '@quittance/service-kit/http/validation';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { DomainError } from '../domain/errors.ts';

/**
 * What a policy system published, as its DTO says.
 * @throws PoisonError that names every wrong field: no retry makes it right
 */
export async function readAnswer<T extends object>(dto: new () => T, data: unknown): Promise<T> {
  try {
    return await validated(dto, data);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fields = (error.extra.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
    throw new PoisonError(`invalid_event: ${fields.join('; ')}`);
  }
}

/** What a rule refuses is refused however often it is said. */
export async function orPoison(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DomainError) throw new PoisonError(`${error.code}: ${error.message}`, { cause: error });
    throw error;
  }
}
