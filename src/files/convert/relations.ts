import { readXml } from './xml.ts';
import type { Entry } from './zip.ts';

interface Relation {
  /** Address of the kind of relation; its last part says it. */
  readonly type: string;
  /** Name of the entry that it leads to. */
  readonly target: string;
}

/** Where the relations of a part lead to, by id (ECMA-376 part 2, Open Packaging Conventions). */
export async function relationsOf(
  bytes: Uint8Array,
  entries: ReadonlyMap<string, Entry>,
  part: string,
): Promise<ReadonlyMap<string, Relation>> {
  const slash = part.lastIndexOf('/');
  const folder = part.slice(0, slash + 1);
  const entry = entries.get(`${folder}_rels/${part.slice(slash + 1)}.rels`);
  const found = new Map<string, Relation>();
  if (entry === undefined) return found;
  await readXml(bytes, entry, {
    open(name, attributes) {
      if (name !== 'Relationship') return;
      const { Id: id = '', Type: type = '', Target: target = '' } = attributes;
      found.set(id, { type, target: resolved(folder, target) });
    },
  });
  return found;
}

function resolved(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const path = folder.split('/').slice(0, -1);
  for (const part of target.split('/'))
    if (part === '..') path.pop();
    else if (part !== '.') path.push(part);
  return path.join('/');
}
