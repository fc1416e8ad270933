import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ConnectedTool, ToolAccount } from '../connected.ts';
import { harmless, harmlessLine } from '../harmless.ts';
import type { ListedTool } from '../mcp/client.ts';
import { modelName } from './names.ts';
import { readSchema, type SchemaProblem } from './schema.ts';

/** A tool as an admin accepted it. */
export const pinnedTool = z.object({
  /** By which the server knows it. */
  name: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: z.record(z.string(), z.unknown()),
  reads: z.boolean(),
  repeatable: z.boolean(),
  /** SHA-256 of all that the server says of it, in hexadecimal. */
  print: z.string(),
});
export type PinnedTool = z.infer<typeof pinnedTool>;

/** Why a tool of a server can't be offered; `twin`: another one has the same name. */
type LeftOut = SchemaProblem | 'name' | 'twin' | 'too_many';

export interface Listed {
  readonly tools: readonly PinnedTool[];
  readonly leftOut: readonly { readonly name: string; readonly why: LeftOut }[];
  /** Tools whose description was cut. */
  readonly shortened: readonly string[];
}

/** Each is sent with every question in the thread, so that all of them cost tokens. */
const MOST_TOOLS = 50;
const MOST_NAME = 128;
const MOST_TITLE = 80;
const MOST_DESCRIPTION = 2000;
/** Characters of JSON, of all tools together. */
const MOST_IN_ALL = 120_000;

/**
 * What of a server's list can be offered, in the order of names. Titles and descriptions are without unseen characters and
 * pings. `more`: the server listed more than was read.
 */
export function readListing(listed: readonly ListedTool[], more: boolean): Listed {
  const tools: PinnedTool[] = [];
  const leftOut: { name: string; why: LeftOut }[] = [];
  const shortened: string[] = [];
  const seen = new Set<string>();
  let size = 0;
  for (const one of [...listed].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const tool = toPinned(one);
    const shown = harmlessLine(one.name, MOST_TITLE);
    const known = modelName('x', one.name);
    const why = seen.has(known) ? 'twin' : typeof tool === 'string' ? tool : null;
    seen.add(known);
    if (why !== null || typeof tool === 'string') {
      leftOut.push({ name: shown, why: why ?? 'name' });
      continue;
    }
    const own = JSON.stringify(tool).length;
    if (tools.length === MOST_TOOLS || size + own > MOST_IN_ALL) {
      leftOut.push({ name: shown, why: 'too_many' });
      continue;
    }
    size += own;
    tools.push(tool);
    if ([...harmless(one.description ?? '')].length > MOST_DESCRIPTION) shortened.push(shown);
  }
  if (more) leftOut.push({ name: '…', why: 'too_many' });
  return { tools, leftOut, shortened };
}

function toPinned(tool: ListedTool): PinnedTool | LeftOut {
  const { name, annotations, inputSchema } = tool;
  if (name === '' || name.length > MOST_NAME) return 'name';
  const schema = readSchema(inputSchema);
  if (typeof schema === 'string') return schema;
  const reads = annotations?.readOnlyHint === true;
  return {
    name,
    title: harmlessLine(tool.title ?? annotations?.title ?? name, MOST_TITLE),
    description: shorten(harmless(tool.description ?? ''), MOST_DESCRIPTION),
    inputSchema: { ...schema },
    reads,
    // What only reads may be asked again as well.
    repeatable: reads || annotations?.idempotentHint === true,
    print: printOf(tool),
  };
}

function shorten(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

/** Changes with anything that the server says of a tool, also with what nobody sees. */
export function printOf({ name, title, description, inputSchema, annotations }: ListedTool): string {
  return createHash('sha256')
    .update(ordered([name, title ?? null, description ?? null, inputSchema, annotations ?? null]))
    .digest('hex');
}

/** JSON with the keys of objects in order. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** What a server lists now beside what was accepted, by the names of tools. */
export interface ListingChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** What they say or ask for is not what it was. */
  readonly changed: readonly string[];
  /** Said that they only read, and do not any more; among `changed` too. */
  readonly nowChanging: readonly string[];
}

export function changesOf(pinned: readonly PinnedTool[], now: readonly PinnedTool[]): ListingChange {
  const before = new Map(pinned.map((tool) => [tool.name, tool]));
  const after = new Map(now.map((tool) => [tool.name, tool]));
  const changed = now.filter(({ name, print }) => before.has(name) && before.get(name)?.print !== print);
  return {
    added: now.filter(({ name }) => !before.has(name)).map(({ name }) => name),
    removed: pinned.filter(({ name }) => !after.has(name)).map(({ name }) => name),
    changed: changed.map(({ name }) => name),
    nowChanging: changed
      .filter(({ name, reads }) => !reads && before.get(name)?.reads)
      .map(({ name }) => name),
  };
}

export function isSameListing({ added, removed, changed }: ListingChange): boolean {
  return added.length + removed.length + changed.length === 0;
}

/** The tools as they are offered, in the order of their names for the model. */
export function offeredOf(
  server: string,
  account: ToolAccount,
  pinned: readonly PinnedTool[],
): ConnectedTool[] {
  return pinned
    .map((tool) => ({
      server,
      account,
      tool: tool.name,
      name: modelName(server, tool.name),
      title: tool.title,
      description: tool.description,
      inputSchema: tool.inputSchema,
      reads: tool.reads,
      repeatable: tool.repeatable,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
