/** Thrown by a consumer for an event that no retry can help: it goes to the dead letters at once, with this reason. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError';
}
