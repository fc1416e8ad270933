import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where the programs of this folder's threads and processes are: beside this file, in JavaScript or, run from the sources, in TypeScript. */

const FROM_SOURCES = import.meta.url.endsWith('.ts');

/** `--import tsx` does not reach threads in Node.js 20: run from the sources, a thread has to learn TypeScript first. */
const LEARN = `const { workerData } = require('node:worker_threads');
import(workerData.tsx).then(({ register }) => { register(); return import(workerData.script); });`;

/** What `new Worker` takes. */
export function threadOf(
  name: string,
): readonly [string | URL, { readonly eval?: boolean; readonly workerData?: object }] {
  if (!FROM_SOURCES) return [new URL(`./${name}.js`, import.meta.url), {}];
  const script = new URL(`./${name}.ts`, import.meta.url).href;
  return [LEARN, { eval: true, workerData: { tsx: tsx('tsx/esm/api'), script } }];
}

/** What `fork` takes: a path, and flags for Node.js. */
export function processOf(name: string): readonly [path: string, flags: readonly string[]] {
  const path = fileURLToPath(new URL(`./${name}.${FROM_SOURCES ? 'ts' : 'js'}`, import.meta.url));
  return [path, FROM_SOURCES ? ['--import', tsx('tsx')] : []];
}

/** The address of a module of tsx; it is there wherever the sources are run. */
function tsx(module: string): string {
  return pathToFileURL(
    createRequire(import.meta.url)
      .resolve(module)
      .replace(/cjs$/, 'mjs'),
  ).href;
}
