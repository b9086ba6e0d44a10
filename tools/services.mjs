// The services of the stack: name, schema, and where each listens relative to PORT_BASE (health is 1000 above).
export const services = [
  { name: 'gateway', schema: 'access', portOffset: 0 },
  { name: 'payments', schema: 'payments', portOffset: 1 },
  { name: 'billing', schema: 'billing', portOffset: 2 },
  { name: 'reconciliation', schema: 'reconciliation', portOffset: 3 },
  { name: 'webhooks', schema: 'webhooks', portOffset: 4 },
];

/** The sandbox provider runs beside them; it has no schema and no health port. */
export const sandboxPortOffset = 5;

/** The logins of a service's database roles. */
export const loginsOf = (service) => [`${service}_app`, `${service}_worker`];

/**
 * NODE_OPTIONS of every service process, here and in the image. Left alone, V8 plans for a heap of gigabytes and lets
 * it grow fourfold between collections: 360 MiB resident for 60 MiB that live. A limit, eight times what lives, makes
 * it collect sooner, and smaller semi-spaces keep less of the young garbage: 225 MiB. Who gives a container more or
 * less memory sets NODE_OPTIONS there.
 */
export const nodeOptions = '--max-old-space-size=512 --max-semi-space-size=16';
