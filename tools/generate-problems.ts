import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import type { Files } from './generated-files.ts';
import { root } from './processes.mjs';

const ROW = /^\| `(\w+)` *\| (\d{3}) *\| (.+?) *\| (.+?) *\|$/gm;

/** The rows of docs/problems.md as the gateway serves them: what a problem's `type` leads to. */
export async function problemFiles(): Promise<Files> {
  const text = readFileSync(join(root, 'docs/problems.md'), 'utf8');
  const texts = [...text.matchAll(ROW)].map(([, code, status, means, advice]) => [code, { status, means, advice }]);
  const source = `// Generated from docs/problems.md.
    export interface ProblemText { readonly status: string; readonly means: string; readonly advice: string }
    export const problemTexts: Readonly<Record<string, ProblemText>> = ${JSON.stringify(Object.fromEntries(texts))};`;
  const style = { parser: 'typescript', singleQuote: true, printWidth: 120 } as const;
  return { 'apps/gateway/src/openapi/problem-texts.ts': await format(source, style) };
}
