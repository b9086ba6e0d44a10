import { createHash } from 'node:crypto';
import type { OpenApiDocument, Operation } from './openapi-document.ts';
import type { ProblemText } from './problem-texts.ts';

const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #ddd;text-transform:capitalize}
details{border:1px solid #ddd;border-radius:4px;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}code,pre{font:13px/1.4 ui-monospace,monospace}
pre{overflow:auto;background:#f6f6f6;padding:.6rem}.method{display:inline-block;width:4.5rem;font-weight:600}
.scope{color:#666;margin-left:.6rem}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}h2,details{border-color:#444}
pre{background:#222}.scope{color:#999}}
`;

/** Nothing but this page's own style: what a service writes into its document can neither run nor load anything. */
export const DOCS_POLICY = [
  `default-src 'none'`,
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

/** The merged document for people: operations by service, with their schemas, without a script. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags?.[0] ?? 'other'))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => (operation.tags?.[0] ?? 'other') === tag);
    return `<h2>${escapeHtml(tag)}</h2>${own.map(renderOperation).join('')}`;
  });
  const schemas = Object.entries(document.components?.['schemas'] ?? {}).map(
    ([name, schema]) =>
      `<details id="${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code></summary>${json(schema)}</details>`,
  );
  const { title, description = '' } = document.info;
  return page(
    `${title} API`,
    `<p>${escapeHtml(description)} <a href="/openapi.json">OpenAPI document</a></p>
${sections.join('\n')}<h2>Schemas</h2>${schemas.join('')}`,
  );
}

/** What the `type` of a problem leads to: what it means, and what to do. */
export function problemPage(code: string, { status, means, advice }: ProblemText): string {
  return page(
    code,
    `<p>Status ${escapeHtml(status)}</p><h2>Means</h2><p>${prose(means)}</p><h2>What to do</h2><p>${prose(advice)}</p>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body>
<h1>${escapeHtml(title)}</h1>${content}</body></html>`;
}

const prose = (text: string) => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');

function renderOperation({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const scope = operation.security?.find((entry) => 'oauth2' in entry)?.['oauth2']?.join(' ') ?? 'no credentials';
  const { summary = '', description = '', parameters, requestBody, responses } = operation;
  const parts = [
    description && `<p>${escapeHtml(description)}</p>`,
    parameters?.length ? `<p>Parameters</p>${json(parameters)}` : '',
    requestBody ? `<p>Body</p>${json(requestBody)}` : '',
    responses ? `<p>Answers</p>${json(responses)}` : '',
  ];
  const verb = escapeHtml(method.toUpperCase());
  return `<details><summary><span class="method">${verb}</span><code>${escapeHtml(path)}</code>
<span class="scope">${escapeHtml(scope)}</span> ${escapeHtml(summary)}</summary>${parts.join('')}</details>`;
}

function json(value: unknown): string {
  const text = escapeHtml(JSON.stringify(value, null, 2));
  return `<pre>${text.replace(/#\/components\/schemas\/([\w.-]+)/g, '<a href="#$1">$1</a>')}</pre>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
