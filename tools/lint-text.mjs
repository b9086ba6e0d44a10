// Lints files that do not exist: a JSON list of { path, code } on stdin, a list of { path, rules, messages } on stdout.
// Rules that need types are off, since a file that is not on the disk has none; which file may import which needs none.
import { json } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import ts from 'typescript-eslint';

const eslint = new ESLint({
  overrideConfig: [
    { files: ['**/*.ts'], ...ts.configs.disableTypeChecked },
    { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false, project: null } } },
  ],
});
const results = [];
for (const { path, code } of await json(process.stdin)) {
  const [result] = await eslint.lintText(code, { filePath: path });
  const found = result?.messages ?? [];
  results.push({ path, rules: found.map((m) => m.ruleId ?? 'parse'), messages: found.map((m) => m.message) });
}
console.log(JSON.stringify(results));
