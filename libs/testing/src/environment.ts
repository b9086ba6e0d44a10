/** What the integration preset's global set-up left in the environment; an error says how to get it. */
export function fromSetup(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the project's jest.config.mjs must use the preset \`integration\``);
  return value;
}
