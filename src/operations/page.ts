import type { ServerResponse } from 'node:http';

/** What is there to see on a page for the browser; every text is escaped when it is drawn. */
interface Page {
  readonly title: string;
  readonly lines: readonly string[];
  /** The one thing to do next. */
  readonly link?: { readonly href: string; readonly text: string } | null;
  /** The same, where it changes something: sent to `action` with these fields. */
  readonly form?: {
    readonly action: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly button: string;
  };
  /** Where the browser goes at once, by itself. */
  readonly onward?: string;
}

/**
 * The headers of all of these pages. The address holds a code and the state, so it is handed on to nobody and kept
 * nowhere; nobody may frame the button.
 */
export function pageHeaders(response: ServerResponse, formAction: "'none'" | "'self'" = "'none'"): void {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader(
    'content-security-policy',
    `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`,
  );
}

export function sendPage(response: ServerResponse, status: number, html: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center}
main{max-width:34rem;padding:2rem}h1{font-size:1.5rem;line-height:1.25}a,button{display:inline-block;border:0;font-size:1rem;margin-top:1rem;padding:.6rem 1rem;border-radius:.4rem;background:#0f766e;color:#fff;text-decoration:none;font-weight:600}
a:focus-visible,button:focus-visible{outline:3px solid #5eead4;outline-offset:2px}`;

export function drawPage({ title, lines, link = null, form, onward }: Page): string {
  const paragraphs = lines.map((line) => `<p>${escaped(line)}</p>`).join('\n');
  const button = link === null ? '' : `<a href="${escaped(link.href)}">${escaped(link.text)}</a>`;
  const refresh =
    onward === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${escaped(onward)}">`;
  const fields = Object.entries(form?.fields ?? {}).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const asked =
    form === undefined
      ? ''
      : `<form method="post" action="${escaped(form.action)}">${fields.join('')}<button>${escaped(form.button)}</button></form>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">${refresh}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${paragraphs}
${button}${asked}</main></body></html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
