import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export interface SourceFile {
  /** From the root, with forward slashes. */
  path: string;
  lines: string[];
}

const root = path.resolve(import.meta.dirname, '..');
const notOurs = new Set(['node_modules', 'dist', 'coverage', '.git', '.nx', '.data', '.cache', '.quittance']);
const text = /\.(ts|tsx|mjs|js|json|md|yml|yaml|sql|sh|conf|html|css)$|(^|\/)(Dockerfile|run|\.[a-z]+rc|\.env.*)$/;

/** Every text file of the project, tracked or not yet: what is not committed shall be tidy too. */
export function sourceFiles(folder = root): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : sourceFiles(full);
    const name = path.relative(root, full).split(path.sep).join('/');
    if (!entry.isFile() || !text.test(name)) return [];
    return [{ path: name, lines: readFileSync(full, 'utf8').split('\n') }];
  });
}
