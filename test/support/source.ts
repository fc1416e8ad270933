import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Source files by path from the root of the checkout, e.g. `src/jobs/store.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** One import line. `file` is set for a relative import, `pkg` for one of a package or of Node itself. */
export interface Import {
  readonly from: string;
  readonly file: string | null;
  readonly pkg: string | null;
  /** Names taken; '*' where all are taken (a namespace, a dynamic import, an import for its effect). */
  readonly names: readonly string[];
}

/** Every file below `folders` whose name matches. */
export function readSources(folders: readonly string[], name = /\.(?:ts|tsx|mts|mjs)$/): Sources {
  const found = new Map<string, string>();
  for (const folder of folders)
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !name.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      found.set(path.slice(ROOT.length), readFileSync(path, 'utf8'));
    }
  return found;
}

/** The code without comment lines and without comments after code; enough to look for words in it. */
export function codeOf(text: string): string {
  return text
    .replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*)/gm, '')
    .replace(/(^|[\s;,{(])\/\/ .*$/gm, '$1')
    .replace(/\{\/\*[\s\S]*?\*\/\}/g, '');
}

const STATIC = /^[ \t]*(?:import|export)\b(?:([^'"`;]*?)\bfrom)?\s*(['"])([^'"\n]+)\2/gm;
const DYNAMIC =
  /(?:(\{[^{}]*\})\s*=\s*await\s+)?\b(?:import|require|require\.resolve)\(\s*(['"])([^'"\n]+)\2/g;

/** All import lines of a file: of values, of types, for effect, dynamic, and re-exports. */
export function importsOf(from: string, text: string): Import[] {
  const code = codeOf(text);
  const list: Import[] = [];
  for (const [, clause = '', , to = ''] of code.matchAll(STATIC))
    list.push(make(from, to, namesIn(clause, code)));
  for (const [, clause, , to = ''] of code.matchAll(DYNAMIC))
    list.push(
      make(from, to, clause === undefined ? ['*'] : namesIn(clause.replaceAll(/:\s*\w+/g, ''), code)),
    );
  return list;
}

function make(from: string, to: string, names: readonly string[]): Import {
  if (to.startsWith('.')) return { from, file: posix.join(posix.dirname(from), to), pkg: null, names };
  const parts = to.split('/');
  return { from, file: null, pkg: parts.slice(0, to.startsWith('@') ? 2 : 1).join('/'), names };
}

function namesIn(clause: string, code: string): string[] {
  const space = /\*\s+as\s+(\w+)/.exec(clause)?.[1];
  if (space !== undefined)
    return [...code.matchAll(new RegExp(`\\b${space}\\s*\\.(\\w+)`, 'g'))].map(([, name = '']) => name);
  const names = clause
    .replace(/^\s*type\b/, '')
    .replaceAll(/[{}]/g, '')
    .split(',');
  const plain = names.map(
    (name) =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/)[0] ?? '',
  );
  const kept = plain.filter((name) => name !== '');
  return kept.length === 0 ? ['*'] : kept;
}

/** What a file exports by name, and how often its own code says that name besides. */
export function exportsOf(text: string): { name: string; kind: 'value' | 'type'; ownUses: number }[] {
  const code = codeOf(text);
  const declared = code.matchAll(
    /^export (?:declare )?(?:abstract )?(?:async )?(const|let|function\*?|class|interface|type)\s+(\w+)/gm,
  );
  return [...declared].map(([, word = '', name = '']) => ({
    name,
    kind: word === 'interface' || word === 'type' ? 'type' : 'value',
    ownUses: [...code.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length - 1,
  }));
}
