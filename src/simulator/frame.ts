import type { Request } from 'restify';
import { html } from './html.ts';
import type { Reply } from './http.ts';
import { page, securityHeaders } from './page.ts';

/**
 * What is shown instead of a form inside a frame. A mail viewer shows a mail in a frame that may open no window and send
 * no form, so that a plain click on the mail's link would lead nowhere. This page has no form, so it may be framed by a
 * viewer on this machine. Undefined outside a frame.
 */
export function inFrame(request: Request): Reply | undefined {
  if (request.headers['sec-fetch-dest'] !== 'iframe') return undefined;
  const address = `http://${request.headers.host}${request.url}`;
  const policy = securityHeaders['content-security-policy'] ?? '';
  return {
    status: 200,
    headers: {
      'content-security-policy': policy.replace(
        "frame-ancestors 'none'",
        'frame-ancestors http://127.0.0.1:* http://localhost:*',
      ),
    },
    body: page(
      'One more step',
      html`<h1>One more step</h1>
<p>A mail viewer does not let this page be filled in here. Go back to the mail and open its link in a new tab: <strong>Ctrl+click</strong>, ⌘+click on a Mac, or with the middle button. Or copy this address:</p>
<p><code>${address}</code></p>`,
    ),
  };
}
