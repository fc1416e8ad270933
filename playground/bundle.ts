/** Makes the playground's page: React and style sheets bundled in memory, nothing written anywhere. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface PageBundle {
  readonly html: string;
  readonly js: string;
  readonly css: string;
}

/** Where the page's document looks for its two other parts. The document itself may be at any address. */
export const PAGE_PATHS = { js: '/playground/page.js', css: '/playground/page.css' } as const;

/**
 * Nothing but the page's own script and style may run or load, and it may talk to its own server only:
 * message text is hostile. React sets inline styles through the DOM, which this allows.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%230f766e'/%3E%3Cpath d='M8 11c4-5 12-5 16 0M8 16c4-5 12-5 16 0M8 21c4-5 12-5 16 0M8 11v10M24 11c2 5-2 9-8 14' fill='none' stroke='%23fff' stroke-width='2.2' stroke-linecap='round'/%3E%3C/svg%3E";

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta http-equiv="Content-Security-Policy" content="${PAGE_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Skein playground</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${PAGE_PATHS.css}">
<script type="module" src="${PAGE_PATHS.js}"></script>
</head>
<body>
<div id="root"></div>
<noscript>The playground needs JavaScript.</noscript>
</body>
</html>
`;

/** Bundles the page. Rejects with esbuild's message if the page's source does not compile. */
export async function buildPage(): Promise<PageBundle> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('./page/main.tsx', import.meta.url))],
    bundle: true,
    write: false,
    // Names the outputs only: nothing is written.
    outdir: 'page',
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const textOf = (ending: string) => {
    const file = result.outputFiles.find(({ path }) => path.endsWith(ending));
    if (file === undefined) throw new Error(`The page's bundle has no ${ending} file`);
    return file.text;
  };
  return { html: HTML, js: textOf('.js'), css: textOf('.css') };
}
