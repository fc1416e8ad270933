import { createHash } from 'node:crypto';
import { type Fields, invalid, isFields } from './refused.ts';

/**
 * Thoughts that the stand-in gave out, and the rules for giving them back: in a tool loop all of them come back (Anthropic's
 * guide to extended thinking, "Preserving thinking blocks"), and on newer models each only behind exactly what it was thought
 * behind. Recorded of a 400: "Invalid `signature` in `thinking` block. The block is bound to a different conversation."
 */
export interface Thoughts {
  /** A thought was given in answer to this body, or `uses` were called behind it. */
  gave(body: Fields, signature: string): void;
  called(use: string, signature: string): void;
  /** @throws Refused */
  check(body: Fields, model: string, thinks: boolean): void;
}

/** Models that bind a thought to what stands before it. */
const BINDS = /-5-[125]$/;
const MOST_REMEMBERED = 5000;

export function createThoughts(): Thoughts {
  const behind = new Map<string, string>();
  const signatures = new Map<string, string>();
  const remember = (all: Map<string, string>, key: string, value: string) => {
    if (all.size >= MOST_REMEMBERED) all.clear();
    all.set(key, value);
  };

  return {
    gave: (body, signature) => remember(behind, signature, hashOf(body, flat(body))),
    called: (use, signature) => remember(signatures, use, signature),
    check(body, model, thinks) {
      const said = flat(body);
      if (BINDS.test(model)) {
        for (const [at, { block, path }] of said.entries()) {
          const known = behind.get(String(block.signature));
          if (block.type !== 'thinking' || known === undefined) continue;
          if (known !== hashOf(body, said.slice(0, at)))
            throw invalid(
              `${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation.`,
            );
        }
      }
      if (!thinks) return;
      // The loop that runs: everything behind the last words of a person.
      const from = said.findLastIndex(({ role, block }) => role === 'user' && block.type !== 'tool_result');
      const loop = said.slice(from + 1);
      const kept = new Set(loop.map(({ block }) => block.signature));
      for (const { block, path } of loop) {
        const signature = block.type === 'tool_use' ? signatures.get(String(block.id)) : undefined;
        if (signature !== undefined && !kept.has(signature))
          throw invalid(
            `${path}.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`tool_use\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block`,
          );
      }
    },
  };
}

interface Said {
  readonly role: unknown;
  readonly block: Fields;
  readonly path: string;
}

function flat(body: Fields): readonly Said[] {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  return messages.flatMap((message: unknown, index): Said[] => {
    if (!isFields(message)) return [];
    const content = Array.isArray(message.content)
      ? message.content
      : [{ type: 'text', text: message.content }];
    return content
      .filter(isFields)
      .map((block, at) => ({ role: message.role, block, path: `messages.${index}.content.${at}` }));
  });
}

function hashOf({ system, tools }: Fields, said: readonly Said[]): string {
  const all = [system ?? null, tools ?? null, said.map(({ role, block }) => [role, block])];
  const json = JSON.stringify(all, (key, value: unknown) => (key === 'cache_control' ? undefined : value));
  return createHash('sha256').update(json).digest('base64');
}
