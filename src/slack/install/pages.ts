import type { ServerResponse } from 'node:http';
import {
  AFTER,
  BEGIN_AGAIN,
  erasedAfter,
  INSTALL,
  INSTALL_FAILED,
  INSTALL_PROBLEMS,
  type InstallProblem,
  installed,
} from '../../words/install.ts';

/** Where the pages' links lead. */
export const INSTALL_PATH = '/slack/install';

/** What is there to see; every text is escaped when it is drawn. */
interface Page {
  readonly title: string;
  readonly lines: readonly string[];
  readonly link: { readonly href: string; readonly text: string } | null;
}

/** The first page: what will happen, and the way to Slack. `authorize`: Slack's address with all that it must carry. */
export function beginPage(authorize: string, eraseDays: number): string {
  return draw({
    title: INSTALL.title,
    lines: [INSTALL.lead, INSTALL.what, erasedAfter(eraseDays), INSTALL.noCookies],
    link: { href: authorize, text: INSTALL.button },
  });
}

export function successPage(
  { name, wide, open }: { readonly name: string; readonly wide: boolean; readonly open: string },
  eraseDays: number,
): string {
  const { title, lines } = installed(name, wide);
  return draw({
    title,
    lines: [...lines, AFTER.settings, erasedAfter(eraseDays)],
    link: { href: open, text: AFTER.open },
  });
}

export function failurePage(problem: InstallProblem): string {
  const link = { href: INSTALL_PATH, text: BEGIN_AGAIN };
  return draw({ title: INSTALL_FAILED, lines: [INSTALL_PROBLEMS[problem]], link });
}

/**
 * The headers of all of these pages. The address holds a code and the state, so it is handed on to nobody and kept
 * nowhere; nobody may frame the button.
 */
export function pageHeaders(response: ServerResponse): void {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
}

export function sendPage(response: ServerResponse, status: number, html: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center}
main{max-width:34rem;padding:2rem}h1{font-size:1.5rem;line-height:1.25}a{display:inline-block;margin-top:1rem;padding:.6rem 1rem;border-radius:.4rem;background:#0f766e;color:#fff;text-decoration:none;font-weight:600}
a:focus-visible{outline:3px solid #5eead4;outline-offset:2px}`;

function draw({ title, lines, link }: Page): string {
  const paragraphs = lines.map((line) => `<p>${escaped(line)}</p>`).join('\n');
  const button = link === null ? '' : `<a href="${escaped(link.href)}">${escaped(link.text)}</a>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${paragraphs}
${button}</main></body></html>
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
