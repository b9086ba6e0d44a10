import { existsSync } from 'node:fs';

/** From source while developing (`--conditions=@quittance/source`), from the build in an image. */
const isSource = process.execArgv.some((argument) => argument.endsWith('@quittance/source'));

const fileOf = (app: string, module: string): URL =>
  new URL(isSource ? `../apps/${app}/src/${module}.ts` : `../apps/${app}/dist/${module}.js`, import.meta.url);

/** A module of an app, which exports nothing through its package: apps are started, not imported. */
export async function loadFromApp<T>(app: string, module: string): Promise<T> {
  return (await import(fileOf(app, module).href)) as T;
}

export const appHas = (app: string, module: string): boolean => existsSync(fileOf(app, module));
