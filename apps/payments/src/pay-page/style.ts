const chevron =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 8'%3E%3Cpath d='M1 1l5 5 5-5' " +
  "fill='none' stroke='%2351606e' stroke-width='2'/%3E%3C/svg%3E";

/** The page's whole design. System fonts and no image: nothing is fetched from anywhere. */
export const css = `
:root {
  color-scheme: light;
  --ink: #17212b;
  --soft: #51606e;
  --line: #dbe2e8;
  --ground: #f3f6f8;
  --accent: #0a5a9c;
  --accent-dark: #08477b;
  --good: #14663c;
  --good-ground: #eaf5ee;
  --bad: #a3231a;
  --bad-ground: #fdf0ee;
}
* {
  box-sizing: border-box;
}
html {
  -webkit-text-size-adjust: 100%;
}
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font:
    1rem/1.5 system-ui,
    -apple-system,
    "Segoe UI",
    Roboto,
    Ubuntu,
    sans-serif;
}
.page {
  max-width: 30rem;
  margin: 0 auto;
  padding: 1.25rem 1rem 3rem;
}
header {
  padding: 0.25rem 0 1rem;
  font-weight: 600;
  overflow-wrap: anywhere;
}
main {
  background: #fff;
  border: 1px solid var(--line);
  border-radius: 0.75rem;
  padding: 1.5rem 1.25rem;
}
h1 {
  margin: 0 0 0.25rem;
  font-size: 1.375rem;
  line-height: 1.25;
}
h2 {
  margin: 0;
  font-size: 1rem;
}
p {
  margin: 0.5rem 0 0;
}
.sum {
  margin-top: 1.25rem;
}
.amount {
  display: block;
  font-size: clamp(1.25rem, 10vw, 2.25rem);
  line-height: 1.2;
  letter-spacing: -0.01em;
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
.label,
.hint,
footer {
  color: var(--soft);
  font-size: 0.9375rem;
}
dl {
  margin: 1.25rem 0;
  border-top: 1px solid var(--line);
}
dl div {
  display: flex;
  flex-wrap: wrap;
  gap: 0 1rem;
  justify-content: space-between;
  padding: 0.625rem 0;
  border-bottom: 1px solid var(--line);
}
dl:last-child {
  margin-bottom: 0;
}
dl:last-child div:last-child {
  border-bottom: 0;
  padding-bottom: 0;
}
dt {
  color: var(--soft);
  flex: none;
}
dd {
  margin: 0 0 0 auto;
  text-align: right;
  overflow-wrap: anywhere;
}
label {
  display: block;
  font-weight: 600;
}
select {
  width: 100%;
  min-height: 3rem;
  margin-top: 0.375rem;
  padding: 0 2.5rem 0 0.75rem;
  font: inherit;
  color: inherit;
  border: 1px solid #7b8894;
  border-radius: 0.5rem;
  appearance: none;
  background: #fff url("${chevron}") no-repeat right 0.9rem center / 0.75rem;
  text-overflow: ellipsis;
}
.button {
  display: block;
  width: 100%;
  min-height: 3.25rem;
  margin-top: 1.25rem;
  padding: 0.75rem 1rem;
  font: inherit;
  font-size: 1.0625rem;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  color: #fff;
  background: var(--accent);
  border: 0;
  border-radius: 0.5rem;
  cursor: pointer;
}
.button.quiet {
  color: var(--accent);
  background: none;
  border: 1px solid currentColor;
}
.button.quiet:hover {
  background: var(--ground);
}
.button:hover {
  background: var(--accent-dark);
}
:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 3px;
}
.note {
  margin: 1rem 0 0;
  padding: 0.75rem 1rem;
  border: 1px solid #c8d7e5;
  border-radius: 0.5rem;
  background: #f1f6fb;
}
.note p {
  margin: 0.125rem 0 0;
}
.note.bad {
  border-color: #e2aea8;
  background: var(--bad-ground);
}
.note.bad h2 {
  color: var(--bad);
}
.done {
  color: var(--good);
}
.mark {
  display: inline-grid;
  place-items: center;
  width: 2.75rem;
  height: 2.75rem;
  margin-bottom: 0.75rem;
  border-radius: 50%;
  background: var(--good-ground);
  color: var(--good);
  font-size: 1.5rem;
  line-height: 1;
}
footer {
  padding: 1rem 0.25rem 0;
}
footer p:first-child {
  margin-top: 0;
}
@media (min-width: 40rem) {
  .page {
    padding-top: 4rem;
  }
  main {
    padding: 2rem;
    box-shadow:
      0 1px 2px #17212b0f,
      0 8px 24px #17212b0f;
  }
}
@media (prefers-reduced-motion: no-preference) {
  .button {
    transition: background 0.15s;
  }
}
@media (forced-colors: active) {
  .button,
  .note {
  margin: 1rem 0 0;
  padding: 0.75rem 1rem;
  border: 1px solid #c8d7e5;
  border-radius: 0.5rem;
  background: #f1f6fb;
}
}
@media print {
  body {
    background: #fff;
  }
  .button,
  footer {
    display: none;
  }
}
`.trim();
