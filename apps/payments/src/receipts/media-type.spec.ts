import { preferredType } from './media-type.ts';

it.each([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['application/json', 'application/json'],
  ['application/*', 'application/json'],
  ['text/html', 'text/html'],
  ['text/*', 'text/html'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8', 'text/html'],
  ['application/pdf', 'application/pdf'],
  ['application/pdf;q=0.5, text/html;q=0.4', 'application/pdf'],
  ['application/pdf;q=0, text/html;q=0.1', 'text/html'],
  ['Text/HTML; charset=utf-8', 'text/html'],
  ['image/png', 'application/json'],
  ['', 'application/json'],
])('Accept: %s is answered with %s', (accept, type) => {
  expect(preferredType(accept)).toBe(type);
});
