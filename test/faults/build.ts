import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

/** A change of one place in the sources: `from` must be there exactly once. */
export interface Patch {
  /** Below `src/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What each text becomes: builds differ in a few files. */
const made = new Map<string, Promise<string>>();

function compiled(text: string): Promise<string> {
  const known =
    made.get(text) ??
    transform(text, { loader: 'ts', format: 'esm', target: 'node20' }).then(({ code }) => code);
  made.set(text, known);
  return known;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The program as JavaScript in `folder`, with the patches applied; returns the path of its `main.js`. Throws if
 * a patch does not find its place: the sources have moved on, and the patch proves nothing.
 */
export async function build(folder: string, patches: readonly Patch[]): Promise<string> {
  const source = join(ROOT, 'src');
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)));
  for (const { file } of patches)
    if (!files.includes(file)) throw new Error(`a patch is for src/${file}, which is not there`);
  await Promise.all(
    files.map(async (file) => {
      const text = patches
        .filter((patch) => patch.file === file)
        .reduce(patched, readFileSync(join(source, file), 'utf8'));
      const code = await compiled(text);
      const out = join(folder, 'dist', file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, code.replace(/(from\s*|import\s*\(?\s*)(["'])(\.[^"']+)\.ts\2/g, '$1$2$3.js$2'));
    }),
  );
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  cpSync(join(ROOT, 'migrations'), join(folder, 'migrations'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'dist', 'main.js');
}

function patched(text: string, { file, from, to }: Patch): string {
  const count = text.split(from).length - 1;
  if (count !== 1) throw new Error(`src/${file} has ${count} places that read: ${from}`);
  return text.replace(from, () => to);
}
