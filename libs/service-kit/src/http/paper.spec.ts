import { createHash } from 'node:crypto';
import { paperPage, paperPolicy } from './paper.ts';

const paper = { title: 'Receipt', amount: '25.67 USD', notice: null, lines: [['Policy', '<b>P-1</b>']] as const };

describe('a page to read and to print', () => {
  it('has a style that its policy lets a browser use, byte by byte, and nothing else', () => {
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(paperPage(paper)) ?? [];
    expect(style.length).toBeGreaterThan(100);
    expect(paperPolicy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(paperPolicy).toContain(`default-src 'none'`);
  });

  it('escapes what is said, and has a note only where there is one', () => {
    expect(paperPage(paper)).toContain('&lt;b&gt;P-1&lt;/b&gt;');
    expect(paperPage(paper)).not.toContain('role="note"');
    expect(paperPage({ ...paper, notice: 'Void' })).toContain('<p role="note">Void</p>');
  });
});
