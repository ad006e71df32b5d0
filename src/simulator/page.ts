import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Html, html } from './html.ts';

const css = readFileSync(new URL('style.css', import.meta.url), 'utf8');
const cssHash = createHash('sha256').update(css).digest('base64');

/** A page loads nothing: its one style is named by its hash, and there is no script at all. */
export const securityHeaders: Record<string, string> = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${cssHash}'`,
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Two handsets that share a line, roughly: two circles and what joins them. */
const mark = html`<svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true"><rect width="28" height="28" rx="8"/><g class="cut"><circle cx="9" cy="14" r="4"/><circle cx="19" cy="14" r="4"/><rect x="9" y="12.6" width="10" height="2.8"/></g></svg>`;

/** Without it a browser asks for /favicon.ico at each visit. */
const icon =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28"%3E%3Crect width="28" height="28" rx="8" fill="%234a4fc4"/%3E%3Cg fill="%23fff"%3E%3Ccircle cx="9" cy="14" r="4"/%3E%3Ccircle cx="19" cy="14" r="4"/%3E%3Crect x="9" y="12.6" width="10" height="2.8"/%3E%3C/g%3E%3C/svg%3E';

/** A whole page. `narrow` is for a form or a single thing, otherwise there is room for a table. */
export function page(title: string, content: Html, { narrow = true }: { narrow?: boolean } = {}): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · TeamMate simulator</title>
<link rel="icon" href="${icon}">
<style>${new Html(css)}</style>
</head>
<body>
<header class="top"><div><a class="brand" href="/">${mark} TeamMate</a><span class="chip plain">Simulator</span></div></header>
<main class="${narrow ? 'narrow' : 'broad'}">
${content}
</main>
<footer>A stand-in for the TeamMate service, for demonstrations and tests. Nothing here is a real account.</footer>
</body>
</html>
`;
}
