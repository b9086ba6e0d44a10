import { createHash } from 'node:crypto';
import { docsPage, DOCS_POLICY } from './docs-page.ts';
import { mergeOpenApi } from './merge-openapi.ts';

const hostile = '<script>alert(1)</script>"\'&';

describe('the docs page', () => {
  const page = docsPage(
    mergeOpenApi(
      {
        payments: {
          openapi: '3.1.0',
          info: { title: 'x', version: '1' },
          paths: { '/payments': { get: { summary: hostile, description: hostile } } },
        },
      },
      [{ method: 'GET', path: '/payments', service: 'payments', scope: 'payments:read' }],
    ),
  );

  it('lists operations with their scopes', () => {
    expect(page).toContain('<code>/payments</code>');
    expect(page).toContain('payments:read');
    expect(page).toContain('/oauth/token');
  });

  it('shows what services write as text, whatever it is', () => {
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
  });

  it('has a policy that allows its own style and nothing else', () => {
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
    expect(DOCS_POLICY).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(DOCS_POLICY).toContain("default-src 'none'");
    expect(page).not.toMatch(/ style=| on\w+=|https?:\/\//);
  });
});
