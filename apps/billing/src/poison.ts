import { Problem } from '@quittance/service-kit/http/problem';
import { validated } from '@quittance/service-kit/http/validation';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { DomainError } from './domain/errors.ts';

/**
 * What an event says, by the rules of its DTO; `code` is what its faults are called.
 * @throws PoisonError that names every wrong field: no retry makes it right
 */
export async function readOrPoison<T extends object>(code: string, dto: new () => T, data: unknown): Promise<T> {
  try {
    return await validated(dto, data);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fields = (error.extra.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
    throw new PoisonError(`${code}: ${fields.join('; ')}`);
  }
}

/** What a rule refuses is refused however often it is said. */
export async function orPoison<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DomainError) throw new PoisonError(`${error.code}: ${error.message}`, { cause: error });
    throw error;
  }
}
